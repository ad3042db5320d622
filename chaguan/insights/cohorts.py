"""Cohorts: members who began in one period, and how many of them are active k periods later."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from chaguan.insights.contract import MESSAGE, Bucket, MemberIds
from chaguan.insights.kernels import Pairs, ints, pairs_in
from chaguan.insights.periods import Ints, edges_of, period_numbers
from chaguan.insights.types import Asked


def begun(members: Ints, at: Ints, edges: Ints) -> Pairs:
    """Members who began inside the edges with the number of their cohort."""
    numbers = period_numbers(at, edges)
    inside = (numbers >= 0) & (numbers < len(edges) - 1)
    return members[inside], numbers[inside]


def active_pairs(bucket: Bucket, asked: Asked) -> Pairs:
    """Who posted in which period of the range."""
    edges = edges_of(asked)
    return pairs_in(
        bucket.facts(asked, MESSAGE, since_us=int(edges[0]), until_us=int(edges[-1])), edges
    )


def ages(cohorts: Pairs, active: Pairs) -> tuple[Ints, Ints, Ints]:
    """For each active pair of a cohort's member: member, cohort, periods since it began (0 and up)."""
    members, numbers = cohorts
    order = np.argsort(members)
    members, numbers = members[order], numbers[order]
    if not len(members):
        return members, numbers, numbers
    at = np.minimum(np.searchsorted(members, active[0]), len(members) - 1)
    found = (members[at] == active[0]) & (active[1] >= numbers[at])
    who, cohort = active[0][found], numbers[at[found]]
    return who, cohort, active[1][found] - cohort


def triangle(cohorts: Pairs, active: Pairs, source: str = "") -> pa.Table:
    """Counts by (source, cohort, age); age -1 carries the cohort's size."""
    _who, cohort, age = ages(cohorts, active)
    cells = np.stack(
        [np.concatenate([cohort, cohorts[1]]), np.concatenate([age, -1 - 0 * cohorts[1]])]
    )
    if not cells.shape[1]:
        unique, n = cells, cells[0]
    else:
        unique, n = np.unique(cells, axis=1, return_counts=True)
    return pa.table(
        {
            "source": pa.array([source] * unique.shape[1], pa.string()),
            "cohort": unique[0].astype(np.int64),
            "age": unique[1].astype(np.int64),
            "n": np.asarray(n, dtype=np.int64),
        }
    )


def merged(
    partials: Sequence[pa.Table], periods: list[date]
) -> list[tuple[str, date, int, int, int]]:
    """Rows (source, cohort, period_no, active, size); periods in which nobody was active have no row."""
    cells: dict[tuple[str, int, int], int] = {}
    for part in partials:
        for row in part.to_pylist():
            key = (row["source"], row["cohort"], row["age"])
            cells[key] = cells.get(key, 0) + row["n"]
    return [
        (source, periods[cohort], age, n, cells[source, cohort, -1])
        for (source, cohort, age), n in sorted(cells.items())
        if age >= 0
    ]


def members_at(cohorts: Pairs, active: Pairs, cohort: int, age: int) -> MemberIds:
    """The members of one cell; the whole cohort for age -1."""
    if age < 0:
        return np.unique(cohorts[0][cohorts[1] == cohort])
    who, cohort_of, age_of = ages(cohorts, active)
    return np.unique(who[(cohort_of == cohort) & (age_of == age)])


def cohort_key(key: Sequence[str]) -> int:
    """The age in a key such as (cohort, 3); -1 for the whole cohort when it is left out."""
    return int(key[1]) if len(key) > 1 else -1


def text_column(table: pa.Table, column: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """One text column as numpy objects."""
    return np.asarray(table.column(column).to_pylist(), dtype=object)


__all__ = [
    "active_pairs",
    "begun",
    "cohort_key",
    "ints",
    "members_at",
    "merged",
    "text_column",
    "triangle",
]
