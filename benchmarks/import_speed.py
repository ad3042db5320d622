"""Import of a large history against bare batched inserts of the same rows.

python benchmarks/import_speed.py [--rows 1000000] [--database postgres]
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from common import Stopwatch, arguments, peak_mib, prepare, show, show_against

BATCH = 4000
WORDS = (
    "今天 喝 什么 茶 白茶 乌龙 红茶 水温 八十五 度 好喝 谢谢 分享 学到 了 周末 一起 试试 这款 价格 多少 链接"
).split()


def write_history(path: Path, rows: int) -> None:
    """A lively community: a few people talk much, most talk little, one line in ten comes or goes."""
    chance = random.Random(20260301)  # noqa: S311 -- the same file in every run
    at = datetime(2024, 1, 1, tzinfo=UTC)
    people = [f"member{number:05}" for number in range(5000)]
    with path.open("w", encoding="utf-8") as out:
        for number in range(rows):
            at += timedelta(seconds=chance.expovariate(1 / 40))
            person = people[min(int(chance.paretovariate(0.9)) - 1, len(people) - 1)]
            draw = chance.random()
            kind = "join" if draw < 0.05 else "leave" if draw < 0.1 else "message"
            values = {
                "id": f"bench-{number:08}",
                "ts": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "community": "茶室",
                "user": person,
                "kind": kind,
                "text": "".join(chance.choices(WORDS, k=chance.randint(2, 30)))
                if kind == "message"
                else "",
            }
            out.write(json.dumps(values, ensure_ascii=False) + "\n")


def rows_of(table: str, columns: list[str], batch_rows: int) -> Iterator[list[tuple[Any, ...]]]:
    """What the product wrote, batch by batch, as the driver gives it."""
    from django.db import connection

    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(columns)} FROM {table} WHERE id > %s ORDER BY id LIMIT {batch_rows}",
                [last],
            )
            found = cursor.fetchall()
        if not found:
            return
        yield [tuple(json.dumps(v) if isinstance(v, dict) else v for v in row) for row in found]
        last = found[-1][0]


def bare_inserts(
    tables: tuple[str, ...], batch_rows: int = BATCH, *, by_copy: bool = False
) -> tuple[int, Stopwatch]:
    """Insert the same rows into empty tables with the same indexes; rows, and the time of inserting."""
    from django.db import connection, transaction

    count, spent = 0, Stopwatch()
    for table in tables:
        with connection.cursor() as cursor:
            described = connection.introspection.get_table_description(cursor, table)
            columns = [column.name for column in described if column.name != "xact"]
            make_empty_copy(cursor, table)
        insert = copy_batch if by_copy else insert_batch
        for batch in rows_of(table, columns, batch_rows):
            with spent, transaction.atomic(), connection.cursor() as cursor:
                insert(cursor, table, columns, batch)
            count += len(batch)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE bare_{table}")
    return count, spent


def show_bare(
    name: str, product: Stopwatch, rows: int, bar: float, batch_rows: int = BATCH
) -> None:
    """The bare sides in the product's run: batched inserts, and on PostgreSQL COPY for comparison."""
    from django.db import connection

    tables = ("channels_message", "eventlog_event")
    _count, bare = bare_inserts(tables, batch_rows)
    show("bare batched inserts", rows / bare.wall, "/s")
    show_against(name, product, "inserts", bare, bar)
    if connection.vendor == "postgresql":
        _count, bare = bare_inserts(tables, batch_rows, by_copy=True)
        show("bare COPY, which cannot pass over known rows", rows / bare.wall, "/s")
        show_against(name, product, "COPY", bare, bar)


def make_empty_copy(cursor: Any, table: str) -> None:
    """`bare_<table>` with the columns and indexes of `table`."""
    from django.db import connection

    if connection.vendor == "postgresql":
        cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
        return
    cursor.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL"
        " ORDER BY type = 'index'",
        [table],
    )
    for _kind, name, sql in cursor.fetchall():
        renamed = sql.replace(f'"{name}"', f'"bare_{name}"', 1)
        cursor.execute(renamed.replace(f' ON "{table}"', f' ON "bare_{table}"').replace("%", "%%"))


def insert_batch(cursor: Any, table: str, columns: list[str], batch: list[tuple[Any, ...]]) -> None:
    """One batch as the quickest INSERT of the driver: arrays on PostgreSQL, a prepared row on SQLite."""
    from django.db import connection

    into = f"INSERT INTO bare_{table} ({', '.join(columns)})"
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in kinds_of(table, tuple(columns)))
        given = [list(values) for values in zip(*batch, strict=True)]
        cursor.execute(f"{into} SELECT * FROM unnest({arrays})", given)
        return
    cursor.executemany(f"{into} VALUES ({', '.join(['%s'] * len(columns))})", batch)


@cache
def kinds_of(table: str, columns: tuple[str, ...]) -> list[str]:
    """The types of the columns, as PostgreSQL calls them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass",
            [table],
        )
        kinds = dict(cursor.fetchall())
    return [kinds[column] for column in columns]


def copy_batch(cursor: Any, table: str, columns: list[str], batch: list[tuple[Any, ...]]) -> None:
    """One batch in PostgreSQL's way of filling a table."""
    with cursor.copy(f"COPY bare_{table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in batch:
            copy.write_row(row)


def main() -> None:
    options = arguments(__doc__ or "", rows=1_000_000).parse_args()
    with prepare(options.database) as home:
        from chaguan.channels.actions.imports import Plan, import_file
        from chaguan.kernel import clock
        from chaguan.kernel.actor import Actor

        history = home / "history.jsonl"
        write_history(history, options.rows)
        before = peak_mib()
        with Stopwatch() as spent:
            run = import_file(
                Actor.system("benchmark"),
                history,
                Plan("茶友会"),
                now=clock.now(),
                report=lambda *_figures: None,
            )
        assert run.state == "done", run.error
        show("import, records", options.rows / spent.wall, "/s")
        show("import, records, of processor time", options.rows / spent.cpu, "/s")
        show("peak memory", peak_mib(), f"MiB ({before} before)")
        show_bare("import", spent, options.rows, 0.5)


if __name__ == "__main__":
    main()
