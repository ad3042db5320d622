"""Many rows handed to one statement: `unnest` on PostgreSQL, `json_each` on SQLite."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL


def rowset(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """A SELECT that yields `rows`, with its parameters. Use as `FROM ({sql}) AS v`.

    `columns` maps names to PostgreSQL types (text, bigint, boolean, timestamptz, …). Names come from
    code, never from input. Instants are aware.
    """
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        names = ", ".join(columns)
        sql = f"SELECT * FROM unnest({arrays}) AS given({names})"
        return sql, [_array([row[here] for row in rows]) for here in range(len(columns))]
    picks = ", ".join(f"value->>{here} AS {name}" for here, name in enumerate(columns))
    text = json.dumps([[_plain(value) for value in row] for row in rows], ensure_ascii=False)
    return f"SELECT {picks} FROM json_each(%s)", [text]


def ids_in(ids: Iterable[int]) -> RawSQL:
    """Whole numbers for `…__in=`: one parameter, however many; Django prepares each of a list by itself."""
    numbers = ",".join(f"{number:d}" for number in ids)
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{numbers}}}"])
    return RawSQL("SELECT value FROM json_each(%s)", [f"[{numbers}]"])


def copied(
    cursor: Any, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """PostgreSQL only: put `rows` into the temporary table `table` by COPY, for one statement to read.

    From some hundred rows on this is many times faster than `unnest`, whose arrays are written in Python.
    Names come from code. What the table held before is gone; the end of the transaction empties it too.
    """
    described = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({described}) ON COMMIT DELETE ROWS;"
        f"TRUNCATE {table}"
    )
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _array(values: Iterable[Any]) -> str:
    """PostgreSQL's own text of an array, which the driver would write many times slower."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    text = value if isinstance(value, str) else _words(value)
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _words(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: Any) -> Any:
    """As Django stores it on SQLite: instants as naive UTC text, booleans as 0 and 1."""
    if isinstance(value, datetime):
        return sqlite_instant(value)
    if isinstance(value, bool):
        return int(value)
    return value


def sqlite_instant(at: datetime) -> str:
    """An aware instant the way Django stores it on SQLite: naive UTC text."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(" ").removesuffix("+00:00")


def instant(value: Any) -> datetime | None:
    """What a raw statement returned for an instant, as an aware datetime on both databases."""
    if value is None or isinstance(value, datetime):
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def stored(value: datetime) -> Any:
    """An aware instant as a parameter of a raw statement."""
    return _plain(value) if connection.vendor == "sqlite" else value
