"""For tests: facts as columns without a database, and a look at them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from chaguan.insights.columns.log import SCHEMA
from chaguan.insights.columns.manifest import Manifest
from chaguan.insights.columns.opened import Columns


@dataclass(frozen=True)
class Told:
    """One fact as tests write it; `name` is a fact's name."""

    name: str
    at: datetime
    member_id: int | None
    community_id: int = 1
    is_bot: bool = False
    is_reply: bool = False
    has_link: bool = False
    chars: int = 12
    origin: str = ""
    room_id: int | None = None
    amount_fen: int = 0


def as_table(told: Iterable[Told]) -> pa.Table:
    """The facts as the columnar copy keeps them; ids follow the order given."""
    rows: list[dict[str, Any]] = [
        {**vars(fact), "id": number} for number, fact in enumerate(told, 1)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@contextmanager
def columns_of(told: Iterable[Told] | pa.Table) -> Iterator[Columns]:
    """A look at these facts alone."""
    table = told if isinstance(told, pa.Table) else as_table(told)
    columns = Columns(Path(), Manifest(), table)
    try:
        yield columns
    finally:
        columns.close()
