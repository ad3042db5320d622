"""Two transactions commit in the other order than their ids: no reader may lose the late one."""

from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from chaguan.eventlog.actions import record
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.reading import Position, continue_after_restore, end_of_log, read_after
from chaguan.eventlog.tests.facts import TeaPoured
from chaguan.kernel.actor import Actor

NOW = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
SYSTEM = Actor.system("tests")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "not config.getoption('--database') == 'postgres'",
        reason="SQLite has one writer: ids are commit order",
    ),
]


@pytest.fixture
def slow_writer() -> BaseDatabaseWrapper:
    """A second connection, in a transaction of its own."""
    other = connections["default"].copy()
    other.set_autocommit(False)
    return other


def insert(other: BaseDatabaseWrapper, cups: int) -> None:
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO eventlog_event (source, name, at, recorded_at, actor, depth, data)"
            " VALUES ('chaguan', %s, now(), now(), 'system', 0, %s)",
            [TeaPoured.name, f'{{"cups": {cups}}}'],
        )


def test_a_late_commit_with_a_lower_id_is_still_read(slow_writer: BaseDatabaseWrapper) -> None:
    record(TeaPoured(1), actor=SYSTEM, at=NOW)
    insert(slow_writer, 2)  # takes its id now, commits later
    record(TeaPoured(3), actor=SYSTEM, at=NOW)

    first, position = read_after(Position(), 10)
    slow_writer.commit()
    second, _ = read_after(position, 10)

    assert [logged.data["cups"] for logged in first] == [1]
    assert [logged.data["cups"] for logged in second] == [2, 3]
    slow_writer.close()


def test_an_early_transaction_that_writes_last_is_still_read(
    slow_writer: BaseDatabaseWrapper,
) -> None:
    """The other trap: the lower transaction number takes the higher id and commits first."""
    with slow_writer.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")  # the older transaction …
    with transaction.atomic():
        record(TeaPoured(1), actor=SYSTEM, at=NOW)  # … but the lower id
        insert(slow_writer, 2)
        slow_writer.commit()
        reader = connections["default"].copy()
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM eventlog_event")
            assert cursor.fetchone() == (1,)
        reader.close()
        early, position = _read_elsewhere(Position())
    late, _ = read_after(position, 10)

    assert [logged.data["cups"] for logged in late] == [1]
    assert early == [2]
    slow_writer.close()


def _read_elsewhere(position: Position) -> tuple[list[int], Position]:
    """Read as another process would, while this one is inside its transaction."""
    from threading import Thread

    found: list[tuple[list[int], Position]] = []

    def read() -> None:
        facts, end = read_after(position, 10)
        found.append(([logged.data["cups"] for logged in facts], end))
        connection.close()

    thread = Thread(target=read)
    thread.start()
    thread.join()
    return found[0]


def test_a_restored_log_keeps_its_order_on_a_new_server() -> None:
    record(TeaPoured(1), actor=SYSTEM, at=NOW)
    with connection.cursor() as cursor:  # as if it came from a server that was further on
        cursor.execute("UPDATE eventlog_event SET xact = xact + 1000000000")
    position = end_of_log_as_restored()

    added = continue_after_restore()
    record(TeaPoured(2), actor=SYSTEM, at=NOW)
    facts, _ = read_after(position, 10)

    assert added > 0
    assert continue_after_restore() == added
    assert [logged.data["cups"] for logged in facts] == [2]
    assert LoggedEvent.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventlog_epoch SET added = 0")
        cursor.execute(
            "ALTER TABLE eventlog_event ALTER COLUMN xact"
            " SET DEFAULT (pg_current_xact_id()::text::bigint)"
        )


def end_of_log_as_restored() -> Position:
    with connection.cursor() as cursor:
        cursor.execute("SELECT xact, id FROM eventlog_event ORDER BY xact DESC LIMIT 1")
        return Position(*cursor.fetchone())


def test_the_end_of_the_log_stops_below_running_transactions(
    slow_writer: BaseDatabaseWrapper,
) -> None:
    record(TeaPoured(1), actor=SYSTEM, at=NOW)
    end = end_of_log()
    insert(slow_writer, 2)
    record(TeaPoured(3), actor=SYSTEM, at=NOW)

    assert end_of_log() == end

    slow_writer.commit()
    assert end_of_log() > end
    slow_writer.close()
