"""The columnar copy of the event log: Parquet files under one folder, appended to, compacted, read.

Writers take a file lock; readers take none: they read the manifest and open the files it names, and no
named file is ever changed. `refresh` costs two small statements when nothing is new.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from chaguan.eventlog.selectors import print_of, readable_end
from chaguan.insights.columns import log
from chaguan.insights.columns import manifest as manifests
from chaguan.insights.columns.manifest import BUCKETS, Manifest, Part

PART_ROWS = 4_000_000  # a first copy of a big log becomes several files
FOLD_FILES = 24  # so many small files are made into one
FOLD_ROWS = 250_000  # a file below this is small


class Store:
    """The copy in one folder. Cheap to make; holds no open files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def manifest(self) -> Manifest:
        """The files as of now."""
        return manifests.load(self.folder)

    def refresh(self, *, in_private: bool = False) -> int:
        """Append what the log has gained and return the number of facts. Safe with any other writer.

        Inside a transaction nothing is appended, for it may be rolled back; `in_private` is for tests.

        A copy whose last row is not in the log belongs to another log (a restored backup, a new
        database) and is begun again.
        """
        current = self.manifest()
        if log.is_private() and not in_private:
            return 0
        if current.place == readable_end() and self.belongs(current):
            return 0
        with self._lock("append"):
            current = self.manifest()
            if not self.belongs(current):
                current = Manifest(retired=current.without(current.parts).retired)
            before = current.rows
            for part, place in self._new_parts(current.place, readable_end()):
                current = self._with_part(current, part, place)
                manifests.save(self.folder, current)
            self._fold(current)
            return current.rows - before

    def rebuild(self, *, in_private: bool = False) -> int:
        """Begin the copy again from the first fact. Returns the facts copied."""
        with self._lock("append"):
            current = self.manifest()
            manifests.save(self.folder, Manifest(retired=current.without(current.parts).retired))
        return self.refresh(in_private=in_private)

    def compact(self) -> int:
        """Cluster all facts into one file for each member bucket, sorted by (member, at).

        The long work runs beside appends; one compaction at a time. Returns the rows clustered.
        """
        with self._lock("compact"):
            seen = self.manifest()
            if not seen.arrived:
                return 0
            written = [self._cluster(seen, bucket) for bucket in range(BUCKETS)]
            with self._lock("append"):
                current = self.manifest()
                if not set(seen.parts) <= set(current.parts):
                    return 0  # rebuilt or folded meanwhile: the next run does it
                current = current.without(seen.parts)
                parts = (*(part for part in written if part.rows), *current.parts)
                current = manifests.sweep(self.folder, replace(current, parts=parts))
                manifests.save(self.folder, current)
            return sum(part.rows for part in written)

    def belongs(self, manifest: Manifest) -> bool:
        """Whether the copy's last row is the log's row of that id."""
        return manifest.place == (0, 0) or print_of(manifest.place[1]) == manifest.mark

    def _new_parts(self, after: log.Place, end: log.Place) -> Iterator[tuple[Part, log.Place]]:
        """Write what is new in files of at most about PART_ROWS; each with the place it reaches."""
        rows, writer, name = 0, None, ""
        for table in log.batches(after, end):
            if writer is None:
                name = f"part-{uuid4().hex}.parquet"
                writer = self._writer(name)
            writer.write_table(table)
            rows += table.num_rows
            if rows >= PART_ROWS and end[0] == 0:  # ids are the order on SQLite only
                yield self._closed(writer, name, rows), (0, table.column("id")[-1].as_py())
                rows, writer = 0, None
        if writer is not None:
            yield self._closed(writer, name, rows), end

    def _writer(self, name: str) -> pq.ParquetWriter:
        return pq.ParquetWriter(
            self.folder / f"{name}.new", log.SCHEMA, compression="zstd", compression_level=3
        )

    def _closed(self, writer: pq.ParquetWriter, name: str, rows: int) -> Part:
        writer.close()
        (self.folder / f"{name}.new").replace(self.folder / name)
        return Part(name, rows)

    def _with_part(self, current: Manifest, part: Part, place: log.Place) -> Manifest:
        return replace(
            current,
            place=place,
            mark=print_of(place[1]),
            rows=current.rows + part.rows,
            parts=(*current.parts, part),
        )

    def _fold(self, current: Manifest) -> None:
        """Make one file of many small ones; called under the append lock."""
        small = tuple(part for part in current.arrived if part.rows < FOLD_ROWS)
        if len(small) < FOLD_FILES:
            return
        name = f"part-{uuid4().hex}.parquet"
        writer = self._writer(name)
        for part in small:
            writer.write_table(pq.read_table(self.folder / part.file, schema=log.SCHEMA))
        folded = self._closed(writer, name, sum(part.rows for part in small))
        current = current.without(small)
        current = replace(current, parts=(*current.parts, folded))
        manifests.save(self.folder, manifests.sweep(self.folder, current))

    def _cluster(self, seen: Manifest, bucket: int) -> Part:
        """Write one bucket's file from its old file and everything that arrived since."""
        name = f"bucket-{bucket:02d}-{uuid4().hex}.parquet"
        sources = [p.file for p in seen.parts if p.bucket is None or p.bucket == bucket]
        files = ", ".join(_sql_text(str(self.folder / file)) for file in sources)
        out = self.folder / f"{name}.new"
        with duckdb.connect() as con:
            rows = con.execute(
                f"COPY (SELECT * FROM read_parquet([{files}])"
                f" WHERE coalesce(member_id, 0) % {BUCKETS} = {bucket}"
                f' ORDER BY member_id, "at", id) TO {_sql_text(str(out))}'
                " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
            ).fetchall()[0][0]
        out.replace(self.folder / name)
        return Part(name, int(rows), bucket)

    @contextmanager
    def _lock(self, kind: str) -> Iterator[None]:
        """Hold the writers' lock of this kind; a process that dies lets go of it."""
        with (self.folder / f"{kind}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def private_tail(after: log.Place) -> pa.Table:
    """What only this connection sees behind `after`, in memory."""
    tables = list(log.batches(after, readable_end()))
    return pa.concat_tables(tables) if tables else log.SCHEMA.empty_table()


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
