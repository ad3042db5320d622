"""Copying committed facts through a connection of its own, in commit order."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, connections

from chaguan.channels.events import MessagePosted
from chaguan.eventlog.actions import NewFact, append, record
from chaguan.eventlog.contract import Event
from chaguan.insights.columns.log import _adbc_address, is_private
from chaguan.insights.columns.opened import Columns
from chaguan.insights.columns.store import Store
from chaguan.kernel.actor import Actor

NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "not config.getoption('--database') == 'postgres'",
        reason="SQLite has one writer, and its test database is seen by one connection",
    ),
]


def fact(member: int) -> Event:
    return MessagePosted(1, 2, member, message_id=member, chars=5)


def refreshed(store: Store, facts: int) -> int:
    """Refresh until so many facts came: transactions of anybody else on this server hold readers back."""
    copied, until = 0, time.monotonic() + 60
    while copied < facts and time.monotonic() < until:
        copied += store.refresh()
        time.sleep(0.05)
    return copied + store.refresh()


def members_in(store: Store) -> set[int]:
    columns = Columns(store.folder, store.manifest())
    rows = columns.con.execute(f"SELECT member_id FROM {columns.source()}").fetchall()
    columns.close()
    return {row[0] for row in rows}


def test_a_late_commit_with_a_lower_id_is_still_copied(tmp_path: Path) -> None:
    assert not is_private()
    assert _adbc_address() is not None
    late = connections["default"].copy()
    late.set_autocommit(False)
    store = Store(tmp_path)
    record(fact(1), actor=Actor.system(), at=NOON)
    with late.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventlog_event (source, name, at, recorded_at, actor, depth, member_id, data)"
            " VALUES ('chaguan', 'channels.message_posted', now(), now(), 'system', 0, 2, '{}')"
        )
    record(fact(3), actor=Actor.system(), at=NOON)

    copied = [refreshed(store, 1), members_in(store)]
    late.commit()
    late.close()

    assert copied == [1, {1}]
    assert (refreshed(store, 2), members_in(store)) == (2, {1, 2, 3})


def test_a_big_log_is_streamed_in_full(tmp_path: Path) -> None:
    rows = [
        NewFact(
            "tests",
            str(n),
            "channels.message_posted",
            NOON,
            1,
            None,
            n,
            "system",
            None,
            0,
            {"chars": 3, "is_bot": n % 2 == 0},
        )
        for n in range(1, 20_001)
    ]
    append(rows)
    store = Store(tmp_path)

    assert refreshed(store, 20_000) == 20_000

    columns = Columns(store.folder, store.manifest())
    found = columns.con.execute(
        f"SELECT count(*), count(DISTINCT member_id), sum(chars), count(*) FILTER (is_bot)"
        f" FROM {columns.source()}"
    ).fetchall()
    assert found == [(20_000, 20_000, 60_000, 10_000)]


def test_many_writers_at_once_copy_each_fact_once(tmp_path: Path) -> None:
    rows = [
        NewFact("tests", str(n), fact(n).name, NOON, 1, 2, n, "system", None, 0, fact(n).payload())
        for n in range(1, 3001)
    ]
    append(rows)
    store = Store(tmp_path)

    def refresh(_turn: int) -> int:
        try:
            return store.refresh()
        finally:
            connection.close()

    copied, until = 0, time.monotonic() + 60
    with ThreadPoolExecutor(4) as writers:
        while copied < 3000 and time.monotonic() < until:
            copied += sum(writers.map(refresh, range(8)))

    columns = Columns(store.folder, store.manifest())
    found = columns.con.execute(
        f"SELECT count(*), count(DISTINCT id) FROM {columns.source()}"
    ).fetchall()
    assert (copied, found) == (3000, [(3000, 3000)])
