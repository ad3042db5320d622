"""The columnar copy: grows with the log, survives kills, follows another log, loses nothing."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction

from chaguan.channels.events import MessagePosted
from chaguan.communities.events import MemberJoined, PhaseChanged
from chaguan.eventlog.actions import record, record_many
from chaguan.insights.columns import store as stores
from chaguan.insights.columns.manifest import Manifest, save
from chaguan.insights.columns.opened import Columns, opened
from chaguan.insights.columns.store import Store
from chaguan.kernel.actor import Actor

ME = Actor.system("tests")
NOON = datetime(2026, 3, 8, 12, 0, 0, 250, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def post(member: int, minutes: int = 0, **over: bool) -> None:
    fact = MessagePosted(1, 2, member, message_id=member, chars=5, **over)
    record(fact, actor=ME, at=NOON + timedelta(minutes=minutes))


def members_in(store: Store) -> list[int | None]:
    columns = Columns(store.folder, store.manifest())
    rows = columns.con.execute(f"SELECT member_id FROM {columns.source()} ORDER BY id").fetchall()
    columns.close()
    return [row[0] for row in rows]


def test_a_fact_arrives_with_its_columns(tmp_path: Path) -> None:
    record(MemberJoined(1, 7, room_id=2, origin="link"), actor=ME, at=NOON)
    post(8, is_bot=True, is_reply=True, has_link=True)
    record(PhaseChanged(1, "draft", "running"), actor=ME, at=NOON)
    store = Store(tmp_path)

    assert store.refresh(in_private=True) == 3

    rows = pq.read_table(tmp_path / store.manifest().parts[0].file).drop_columns("id").to_pylist()
    empty = {
        "at": NOON,
        "community_id": 1,
        "room_id": 2,
        "is_bot": False,
        "is_reply": False,
        "has_link": False,
        "chars": 0,
        "origin": "",
        "amount_fen": 0,
    }
    flags = {"is_bot": True, "is_reply": True, "has_link": True, "chars": 5}
    assert rows == [
        {**empty, "name": "communities.member_joined", "member_id": 7, "origin": "link"},
        {**empty, "name": "channels.message_posted", "member_id": 8, **flags},
        {**empty, "name": "communities.phase_changed", "room_id": None, "member_id": None},
    ]


def test_only_what_is_new_is_appended(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.refresh(in_private=True) == 0
    post(1)
    assert (store.refresh(in_private=True), store.refresh(in_private=True)) == (1, 0)
    post(2)
    post(3)

    assert store.refresh(in_private=True) == 2
    assert members_in(store) == [1, 2, 3]
    assert [part.rows for part in store.manifest().parts] == [1, 2]


def test_many_small_files_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "FOLD_FILES", 4)
    store = Store(tmp_path)
    for member in range(1, 6):
        post(member)
        store.refresh(in_private=True)

    assert [part.rows for part in store.manifest().parts] == [4, 1]
    assert members_in(store) == [1, 2, 3, 4, 5]


def test_compaction_sorts_by_member_and_keeps_every_fact(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for minutes, member in enumerate([18, 2, 18, 2, 3]):
        post(member, minutes=-minutes)
    store.refresh(in_private=True)
    assert store.compact() == 5
    post(34)
    store.refresh(in_private=True)
    assert store.compact() == 6
    assert store.compact() == 0  # nothing has arrived since

    manifest = store.manifest()
    assert {part.bucket: part.rows for part in manifest.parts} == {2: 5, 3: 1}
    bucket = next(part for part in manifest.parts if part.bucket == 2)
    rows = pq.read_table(tmp_path / bucket.file, columns=["member_id", "at"]).to_pylist()
    assert [row["member_id"] for row in rows] == [2, 2, 18, 18, 34]
    assert rows == sorted(rows, key=lambda row: (row["member_id"], row["at"]))
    assert sorted(members_in(store), key=str) == [18, 18, 2, 2, 3, 34]


def test_a_death_while_writing_leaves_the_copy_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    post(1)
    store.refresh(in_private=True)
    post(2)

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    for function in ("_closed", "_with_part"):
        with monkeypatch.context() as patched:
            patched.setattr(Store, function, die)
            with pytest.raises(KeyboardInterrupt):
                store.refresh(in_private=True)
        assert members_in(Store(tmp_path)) == [1]
    assert Store(tmp_path).refresh(in_private=True) == 1
    assert members_in(store) == [1, 2]


def test_a_death_while_compacting_leaves_the_copy_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    post(1)
    post(2)
    store.refresh(in_private=True)

    def die(*_args: object) -> Manifest:
        raise KeyboardInterrupt

    monkeypatch.setattr(Manifest, "without", die)
    with pytest.raises(KeyboardInterrupt):
        store.compact()

    assert members_in(Store(tmp_path)) == [1, 2]


def test_files_out_of_use_are_deleted_when_no_reader_can_hold_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    post(1)
    store.refresh(in_private=True)
    held = Columns(store.folder, store.manifest())
    store.compact()
    assert held.con.execute(f"SELECT count(*) FROM {held.source()}").fetchall() == [(1,)]

    monkeypatch.setattr("chaguan.insights.columns.manifest.GRACE_S", -1)
    post(2)
    store.refresh(in_private=True)
    store.compact()

    named = {part.file for part in store.manifest().parts}
    assert {file.name for file in tmp_path.glob("*.parquet*")} == named
    assert members_in(store) == [1, 2]


def test_a_copy_of_another_log_is_begun_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    post(1)
    post(2)
    store.refresh(in_private=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventlog_event")
    post(5)

    assert store.refresh(in_private=True) == 1
    assert members_in(store) == [5]


def test_rebuilding_gives_the_same_facts(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for member in (1, 2, 3):
        post(member)
    store.refresh(in_private=True)
    save(tmp_path, Manifest())  # somebody deleted the list

    assert store.rebuild(in_private=True) == 3
    assert members_in(store) == [1, 2, 3]


def test_what_a_transaction_has_written_is_seen_by_itself_and_never_reaches_the_files(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    post(1)
    store.refresh(in_private=True)
    with transaction.atomic():
        post(2)
        with opened(store) as columns:
            assert columns.rows == 2
        transaction.set_rollback(True)

    assert store.refresh() == 0
    assert members_in(store) == [1]


def test_a_look_at_one_community_holds_only_its_facts(tmp_path: Path) -> None:
    facts = [MessagePosted(c, 2, m, message_id=m, chars=5) for c, m in ((1, 1), (1, 2), (2, 3))]
    record_many([(fact, NOON) for fact in facts], actor=ME)

    with opened(Store(tmp_path)) as columns:
        assert (columns.rows, columns.only([1]).rows, columns.only([9]).rows) == (3, 2, 0)


LOOK_AND_LEAVE = """
import os, sqlite3, subprocess, sys
import django
django.setup()
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
from chaguan.eventlog.actions import record
from chaguan.communities.events import MemberJoined
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.insights.columns.opened import default_store
record(MemberJoined(1, 7), actor=Actor.system(), at=clock.now())
default_store().refresh()
look = f"import sqlite3; c = sqlite3.connect({str(settings.DATABASES['default']['NAME'])!r}); "
look += "c.execute('SELECT count(*) FROM eventlog_event').fetchall(); c.close()"
subprocess.run([sys.executable, "-c", look], check=True)
links = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if n.isdigit()
         and os.path.exists(f"/proc/self/fd/{n}") or os.path.islink(f"/proc/self/fd/{n}")]
print([link for link in links if "sqlite3" in link and "deleted" in link])
"""


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at open files the Linux way")
def test_a_copy_leaves_the_databases_locks_alone(tmp_path: Path) -> None:
    """Another program that looks and leaves must not take the write-ahead log with it."""
    place = {"CHAGUAN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "chaguan.config.settings"}
    place["CHAGUAN_DATABASE_URL"] = ""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK_AND_LEAVE],
        env=os.environ | place,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"
