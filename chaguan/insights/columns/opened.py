"""One look at the columnar copy: an in-memory DuckDB over the files in force, for one question or page.

    with opened() as columns:
        ...

Fresh on entry: what the log has gained is copied first. What only this connection sees (its own open
transaction, an in-memory database) is added from memory and never reaches the files.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from django.conf import settings

from chaguan.insights.columns import log
from chaguan.insights.columns.manifest import BUCKETS, Manifest
from chaguan.insights.columns.store import Store, private_tail
from chaguan.insights.contract import PRESENCE
from chaguan.insights.types import Asked

WHOLE_ROWS = 20_000_000  # below this, one pass over everything is the cheapest
SMALL_ROWS = 2_000_000  # so much of one community is taken into memory for a page


def default_store() -> Store:
    """The house's copy, below CHAGUAN_HOME."""
    return Store(Path(settings.HOME) / "columns")


class Columns:
    """The facts as a DuckDB relation, whole or by member bucket."""

    def __init__(self, folder: Path, manifest: Manifest, tail: pa.Table | None = None) -> None:
        self.folder = folder
        self.manifest = manifest
        self.tail = tail if tail is not None and tail.num_rows else None
        self.rows = manifest.rows + (self.tail.num_rows if self.tail is not None else 0)
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'")
        if self.tail is not None:
            self.con.register("tail", self.tail)
        elif not manifest.parts:
            self.con.register("tail", log.SCHEMA.empty_table())

    def source(self, bucket: int | None = None) -> str:
        """A FROM clause over all facts, or over the files that can hold one bucket's members."""
        files = [
            self.folder / part.file
            for part in self.manifest.parts
            if bucket is None or part.bucket is None or part.bucket == bucket
        ]
        names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        reads = [f"SELECT * FROM read_parquet([{names}])"] if files else []
        if self.tail is not None or not self.manifest.parts:
            reads.append("SELECT * FROM tail")
        return f"({' UNION ALL BY NAME '.join(reads)})" if reads else "(SELECT * FROM tail)"

    def table(self, sql: str) -> pa.Table:
        """Run a query without parameters and return Arrow. Works on DuckDB 1.5 and 2."""
        return self.con.sql(sql).to_arrow_table()

    def known_us(self, asked: Asked) -> tuple[int, int]:
        """The first and the last instant at which channels told of members there; (0, 0) when none."""
        bots = "" if asked.with_bots else " AND NOT is_bot"
        found = self.con.execute(
            f'SELECT epoch_us(min("at")), epoch_us(max("at")) FROM {self.source()}'
            f" WHERE community_id IN ({_ints(asked.community_ids)}) AND name IN ({_texts(PRESENCE)})"
            f"{bots}"
        ).fetchall()[0]
        return (int(found[0]), int(found[1])) if found[0] is not None else (0, 0)

    def buckets(self, of: int | None = None) -> list["Slice"]:
        """The members in `of` buckets; as many as the size asks for when not said."""
        count = of or (1 if self.rows <= WHOLE_ROWS else BUCKETS)
        return [Slice(self, number, count) for number in range(count)]

    def only(self, community_ids: Sequence[int]) -> "Columns":
        """A look at some communities alone, in memory, for many questions; itself when they are big."""
        where = f"WHERE community_id IN ({_ints(community_ids)})"
        found = self.con.execute(f"SELECT count(*) FROM {self.source()} {where}").fetchall()
        if found[0][0] > SMALL_ROWS:
            return self
        facts = self.table(f"SELECT * FROM {self.source()} {where}").cast(log.SCHEMA)
        return Columns(self.folder, Manifest(), facts)

    def close(self) -> None:
        self.con.close()


@dataclass(frozen=True)
class Slice:
    """The facts of the members whose id leaves `number` when divided by `of`: one bucket."""

    columns: Columns
    number: int = 0
    of: int = 1

    def facts(
        self,
        asked: Asked,
        *names: str,
        since_us: int | None = None,
        until_us: int | None = None,
        extra: tuple[str, ...] = (),
    ) -> pa.Table:
        """See contract.Bucket."""
        where = [f"community_id IN ({_ints(asked.community_ids)})", "member_id IS NOT NULL"]
        if names:
            where.append(f"name IN ({_texts(names)})")
        if not asked.with_bots:
            where.append("NOT is_bot")
        if since_us is not None:
            where.append(f'"at" >= make_timestamptz({since_us:d})')
        if until_us is not None:
            where.append(f'"at" < make_timestamptz({until_us:d})')
        if self.of > 1:
            where.append(f"member_id % {self.of:d} = {self.number:d}")
        source = self.columns.source(self.number if self.of == BUCKETS else None)
        fields = ", ".join(["member_id", 'epoch_us("at") AS at_us', *extra])
        return self.columns.table(f"SELECT {fields} FROM {source} WHERE {' AND '.join(where)}")


@contextmanager
def opened(store: Store | None = None) -> Iterator[Columns]:
    """The copy, brought up to date. See the module's text."""
    store = store or default_store()
    if log.is_private():
        kept = store.manifest()
        kept = kept if store.belongs(kept) else Manifest()
        columns = Columns(store.folder, kept, private_tail(kept.place))
    else:
        store.refresh()
        columns = Columns(store.folder, store.manifest())
    try:
        yield columns
    finally:
        columns.close()


def _texts(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _ints(values: Sequence[int]) -> str:
    return ", ".join(f"{value:d}" for value in values) or "NULL"
