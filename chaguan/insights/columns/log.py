"""Reading the event log as Arrow batches: through ADBC where it can see the database, else a cursor.

Only committed facts come through ADBC, which has a connection of its own. An in-memory SQLite database
and a transaction that has written are seen only by Django's own connection.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from chaguan.eventlog.selectors import slice_statement

Place = tuple[int, int]  # commit order (0 on SQLite), id
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("community_id", pa.int64()),
        ("room_id", pa.int64()),
        ("member_id", pa.int64()),
        ("is_bot", pa.bool_()),
        ("is_reply", pa.bool_()),
        ("has_link", pa.bool_()),
        ("chars", pa.int32()),
        ("origin", pa.string()),
        ("amount_fen", pa.int64()),
    ]
)
ROWS = 65_536  # in one batch
_PLAIN = "id, name, at, community_id, room_id, member_id"


def _fields() -> str:
    """The columns in SCHEMA's order. On SQLite none is all NULL at first: ADBC guesses types from rows."""
    if connection.vendor == "postgresql":
        flags = [
            f"coalesce((data->>'{k}')::boolean, false)" for k in ("is_bot", "is_reply", "has_link")
        ]
        rest = [
            "coalesce((data->>'chars')::int, 0)",
            "coalesce(data->>'origin', '')",
            "coalesce((data->>'amount_fen')::bigint, 0)",
        ]
    else:
        keys = ("is_bot", "is_reply", "has_link", "chars")
        flags = [f"coalesce(json_extract(data, '$.{k}'), 0)" for k in keys]
        rest = [
            "coalesce(json_extract(data, '$.origin'), '')",
            "coalesce(json_extract(data, '$.amount_fen'), 0)",
        ]
    named = zip([*flags, *rest], SCHEMA.names[6:], strict=True)
    return ", ".join([_PLAIN, *(f"{sql} AS {name}" for sql, name in named)])


ADBC = "adbc_driver_postgresql"


def is_in_memory() -> bool:
    """Whether the database lives inside this process, unseen by any other."""
    name = str(connection.settings_dict["NAME"])
    return connection.vendor == "sqlite" and (":memory:" in name or "mode=memory" in name)


def is_private() -> bool:
    """Whether this connection may see facts that no other reader sees, or never will."""
    return is_in_memory() or connection.in_atomic_block


def batches(after: Place, until: Place) -> Iterator[pa.Table]:
    """The facts behind `after` up to `until` in commit order, as tables of SCHEMA."""
    if after == until:
        return
    if not is_private() and (address := _adbc_address()):
        yield from _through_adbc(address, slice_statement(_fields(), after, until))
    else:
        yield from _through_cursor(after, until)


def _adbc_address() -> str | None:
    """PostgreSQL's address for its ADBC driver, where that is installed. Never one on SQLite.

    The SQLite driver brings a second SQLite library. When it closes the file, POSIX drops all locks that
    this process holds on it; the next process to leave takes itself for the last one and deletes the
    write-ahead log under our feet. Source: sqlite.org, "How To Corrupt An SQLite Database File", 2.2.
    """
    if connection.vendor != "postgresql" or not find_spec(ADBC):
        return None
    settings = connection.settings_dict
    keys = (("HOST", "host"), ("PORT", "port"), ("USER", "user"), ("PASSWORD", "password"))
    given = [("dbname", settings["NAME"]), *((key, settings.get(s)) for s, key in keys)]
    return " ".join(f"{key}={_quoted(value)}" for key, value in given if value)


def _quoted(value: object) -> str:
    """A value of a libpq connection string."""
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def _through_adbc(address: str, statement: str) -> Iterator[pa.Table]:
    dbapi = import_module(f"{ADBC}.dbapi")  # slow to import, and optional
    with dbapi.connect(address) as adbc, adbc.cursor() as cursor:
        cursor.execute(statement)
        for batch in cursor.fetch_record_batch():
            if batch.num_rows:
                yield _as_schema(pa.Table.from_batches([batch]))


def _through_cursor(after: Place, until: Place) -> Iterator[pa.Table]:
    order = "xact" if connection.vendor == "postgresql" else "0"
    fields = f"{_fields()}, {order}"
    while after != until:
        statement = f"{slice_statement(fields, after, until)} LIMIT {ROWS}"
        with connection.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall()
        if not rows:
            return
        yield _as_schema(_table(rows))
        after = (rows[-1][-1], rows[-1][0])


def _table(rows: Sequence[Sequence[Any]]) -> pa.Table:
    columns = list(zip(*rows, strict=True))[:-1]
    arrays = [pa.array(column) for column in columns]
    return pa.Table.from_arrays(arrays, names=SCHEMA.names)


def _as_schema(table: pa.Table) -> pa.Table:
    """Cast what a driver gave to SCHEMA. SQLite keeps instants as naive UTC text."""
    at = table.column("at")
    if pa.types.is_string(at.type) or pa.types.is_large_string(at.type):
        naive = pc.cast(pc.utf8_slice_codeunits(at, 0, 26), pa.timestamp("us"))
        at = pc.assume_timezone(naive, "UTC")
    columns = [at if field.name == "at" else table.column(field.name) for field in SCHEMA]
    cast = [column.cast(field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(cast, schema=SCHEMA)
