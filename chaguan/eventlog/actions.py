"""Writing facts. They are written in the transaction that makes them true, and in bulk where there are many."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, cast

import orjson
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event, Logged
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError
from chaguan.kernel.rowset import copied, rowset, sqlite_instant

MAX_DEPTH = 8
CHUNK = 1000  # rows in one statement; 12 values each stay below SQLite's 32,766 variables
APPENDED = 5000  # rows of `append` in memory at a time

_COLUMNS = (
    "source, source_id, name, at, community_id, room_id, member_id, actor, caused_by, depth, data"
)
FEW = 200  # below, one statement with arrays costs less than COPY's round trips
_TYPES = {
    "source": "text",
    "source_id": "text",
    "name": "text",
    "at": "timestamptz",
    "community_id": "bigint",
    "room_id": "bigint",
    "member_id": "bigint",
    "actor": "text",
    "caused_by": "bigint",
    "depth": "smallint",
    "data": "jsonb",
}
_ONTO = f"INSERT INTO eventlog_event ({_COLUMNS}, recorded_at) SELECT *, %s::timestamptz"
_SQLITE_ROW = "(" + ", ".join(["%s"] * 12) + ")"
_ON_KNOWN = " ON CONFLICT (source, source_id) WHERE source_id IS NOT NULL DO NOTHING"


class TooDeep(ChaguanError):
    """A chain of causes grew too long: something answers itself."""

    code = "too_deep"
    message = _("This fact would answer itself for ever; the chain of causes was cut.")


class NewFact(NamedTuple):
    """One row for `append`. `at` is aware; `source_id` None means it cannot be delivered twice."""

    source: str
    source_id: str | None
    name: str
    at: datetime
    community_id: int | None
    room_id: int | None
    member_id: int | None
    actor: str
    caused_by: int | None
    depth: int
    payload: dict[str, Any]


def record(
    fact: Event,
    *,
    actor: Actor,
    at: datetime,
    cause: Logged | None = None,
    source: str = "chaguan",
    source_id: str | None = None,
) -> int | None:
    """Write one fact and return its id, or None when this `source_id` is known already.

    `cause` is the fact that led to this one; past eight links TooDeep is raised.
    """
    ids = _insert([_row(fact, actor, at, cause, source, source_id)])
    return ids[0] if ids else None


def record_many(
    facts: Sequence[tuple[Event, datetime]],
    *,
    actor: Actor,
    cause: Logged | None = None,
    causes: Sequence[Logged | None] | None = None,
    source: str = "chaguan",
    source_ids: Sequence[str] | None = None,
) -> int:
    """Write facts with their instants; returns how many were new. At most three statements per 5,000.

    `causes` names the cause of each fact where they differ.
    """
    keys: Iterable[str | None] = source_ids if source_ids is not None else [None] * len(facts)
    behind = causes if causes is not None else [cause] * len(facts)
    return append(
        [
            _row(fact, actor, at, led, source, key)
            for (fact, at), led, key in zip(facts, behind, keys, strict=True)
        ]
    )


def append(rows: Iterable[NewFact]) -> int:
    """Write raw rows in bulk; returns how many were new. For imports and other floods.

    Rows of imported history carry an actor that starts with `system:import`; subscribers that act on the
    living world skip those.
    """
    stream = iter(rows)
    written = 0
    append_chunk = _append_on_postgres if connection.vendor == "postgresql" else _append_on_sqlite
    while chunk := list(islice(stream, APPENDED)):
        written += append_chunk(chunk)
    return written


def _append_on_postgres(rows: Sequence[NewFact]) -> int:
    if len(rows) < FEW:
        return len(_insert(rows))
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        copied(cursor, "incoming_facts", _TYPES, ((*row[:10], _json(row[10])) for row in rows))
        cursor.execute(
            f"{_ONTO} FROM incoming_facts{_ON_KNOWN}",
            [clock.now()],
        )
        return cast(int, cursor.rowcount)


def _append_on_sqlite(rows: Sequence[NewFact]) -> int:
    """One prepared statement run over the rows: parsing a statement of 1,000 rows costs more than them."""
    stamp = sqlite_instant(clock.now())
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO eventlog_event ({_COLUMNS}, recorded_at) VALUES {_SQLITE_ROW}{_ON_KNOWN}",
            [(*row[:3], sqlite_instant(row[3]), *row[4:10], _json(row[10]), stamp) for row in rows],
        )
        return cast(int, cursor.rowcount)


def _row(
    fact: Event,
    actor: Actor,
    at: datetime,
    cause: Logged | None,
    source: str,
    source_id: str | None,
) -> NewFact:
    depth = cause.depth + 1 if cause else 0
    if depth > MAX_DEPTH:
        raise TooDeep
    ids = fact.columns()
    return NewFact(
        source,
        source_id,
        fact.name,
        at,
        ids["community_id"],
        ids["room_id"],
        ids["member_id"],
        actor.reference,
        cause.id if cause else None,
        depth,
        fact.payload(),
    )


def _insert(rows: Sequence[NewFact]) -> list[int]:
    """One statement; the ids of the rows that were new, in order."""
    recorded_at = clock.now()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            given, params = rowset(_TYPES, [(*row[:10], _json(row[10])) for row in rows])
            cursor.execute(
                f"{_ONTO} FROM ({given}) AS v{_ON_KNOWN} RETURNING id", [recorded_at, *params]
            )
        else:
            values: list[Any] = []
            stamp = sqlite_instant(recorded_at)
            for row in rows:
                values.extend(row[:3])
                values.append(sqlite_instant(row.at))
                values.extend(row[4:10])
                values.append(_json(row.payload))
                values.append(stamp)
            cursor.execute(_sqlite_statement(len(rows)), values)
        return [row[0] for row in cursor.fetchall()]


def _json(payload: dict[str, Any]) -> str:
    return orjson.dumps(payload).decode()


def _sqlite_statement(count: int) -> str:
    rows = ", ".join([_SQLITE_ROW] * count)
    head = f"INSERT INTO eventlog_event ({_COLUMNS}, recorded_at) VALUES "
    return head + rows + _ON_KNOWN + " RETURNING id"
