"""Reading the log in commit order, so that no fact is skipped (docs/adr/0003).

SQLite has one writer, so ids are commit order. On PostgreSQL a transaction may commit after another one
with higher ids; rows are ordered by (xact, id) there and reading stops below the oldest transaction that
still runs: nothing can appear behind a position that was handed out.
"""

from collections.abc import Sequence, Set
from contextvars import ContextVar
from dataclasses import dataclass

import orjson
from django.db import connection, transaction

from chaguan.eventlog.contract import Logged
from chaguan.kernel.rowset import instant

_FIELDS = "id, name, at, community_id, room_id, member_id, actor, caused_by, depth, data"
_BELOW_RUNNING = (
    "xact < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + added"
    " FROM eventlog_epoch)"
)
_OWN_TOO = (
    f"({_BELOW_RUNNING} OR xact = (SELECT pg_current_xact_id_if_assigned()::text::bigint + added"
    " FROM eventlog_epoch))"
)
# Only for tests that live in one transaction, where nobody else writes (eventlog.testing).
in_one_transaction: ContextVar[bool] = ContextVar("in_one_transaction", default=False)


@dataclass(frozen=True, order=True)
class Position:
    """A place in the log, in commit order. `xact` is 0 on SQLite."""

    xact: int = 0
    id: int = 0


def _readable() -> str:
    return _OWN_TOO if in_one_transaction.get() else _BELOW_RUNNING


@dataclass(frozen=True, eq=False)
class Window:
    """A stretch of the log: all facts behind `begin`, up to `end`, and the names among them."""

    begin: Position
    end: Position
    facts: Sequence[Logged]
    names: Set[str]

    def has(self, names: Set[str] | None) -> bool:
        """Whether any of the facts has one of these names; None stands for all."""
        return bool(self.facts) if names is None else not self.names.isdisjoint(names)

    def wanted(self, names: Set[str] | None) -> list[Logged]:
        """The facts of these names, or all for None."""
        return [fact for fact in self.facts if names is None or fact.name in names]


class Windows:
    """The windows of one round. Readers that stand at the same place share one: reading is what costs.

    What could be read once stays as it is and nothing appears before it, so a window does not get old.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Position, int], Window] = {}

    def after(self, begin: Position, limit: int) -> Window:
        """The next facts behind `begin`, up to `limit` of them; empty at the end of the log."""
        if (begin, limit) not in self._known:
            facts, end = read_after(begin, limit)
            names = frozenset(fact.name for fact in facts)
            self._known[begin, limit] = Window(begin, end, facts, names)
        return self._known[begin, limit]


def read_after(position: Position, limit: int) -> tuple[list[Logged], Position]:
    """The next facts behind `position` and the position of the last of them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT {_FIELDS}, xact FROM eventlog_event"
                f" WHERE (xact, id) > (%s, %s) AND {_readable()} ORDER BY xact, id LIMIT %s",
                [position.xact, position.id, limit],
            )
        else:
            cursor.execute(
                f"SELECT {_FIELDS}, 0 FROM eventlog_event WHERE id > %s ORDER BY id LIMIT %s",
                [position.id, limit],
            )
        rows = cursor.fetchall()
    if not rows:
        return [], position
    return [_logged(row) for row in rows], Position(rows[-1][-1], rows[-1][0])


def end_of_log() -> Position:
    """The last position that may be read now."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT xact, id FROM eventlog_event WHERE {_readable()}"
                " ORDER BY xact DESC, id DESC LIMIT 1"
            )
        else:
            cursor.execute("SELECT 0, id FROM eventlog_event ORDER BY id DESC LIMIT 1")
        row = cursor.fetchone()
    return Position(*row) if row else Position()


def continue_after_restore() -> int:
    """Notice that the log came from another server and make new rows sort behind the old ones.

    Transaction ids start again on a new server. Returns what is added to them from now on.
    """
    if connection.vendor != "postgresql":
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT added FROM eventlog_epoch FOR UPDATE")
        added = int(cursor.fetchone()[0])
        cursor.execute("SELECT coalesce(max(xact), 0) FROM eventlog_event")
        newest = int(cursor.fetchone()[0])
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        current = int(cursor.fetchone()[0]) + added
        if newest <= current:
            return added
        added += newest - current + 1
        cursor.execute("UPDATE eventlog_epoch SET added = %s", [added])
        cursor.execute(
            "ALTER TABLE eventlog_event ALTER COLUMN xact"
            f" SET DEFAULT (pg_current_xact_id()::text::bigint + {added:d})"
        )
        return added


def _logged(row: tuple[object, ...]) -> Logged:
    values = list(row[:-1])
    values[2] = instant(values[2])  # SQLite hands out naive UTC
    if isinstance(values[-1], str):
        values[-1] = orjson.loads(values[-1])
    return Logged(*values)  # type: ignore[arg-type] # the columns are in the order of the fields
