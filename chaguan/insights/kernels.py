"""The arithmetic shared by metrics, on numpy columns. Each function is linear, or one sort.

A "pair" is one member in one period, once, however often they spoke.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from chaguan.insights.periods import Ints, period_numbers

Pairs = tuple[Ints, Ints]  # members and period numbers, sorted by (member, period)


def ints(table: pa.Table, column: str) -> Ints:
    """One column as numpy integers."""
    return np.asarray(table.column(column).to_numpy(), dtype=np.int64)


def distinct(members: Ints, numbers: Ints) -> Pairs:
    """The different pairs, sorted by (member, number)."""
    order = np.lexsort((numbers, members))
    members, numbers = members[order], numbers[order]
    if len(members):
        fresh = np.ones(len(members), dtype=bool)
        fresh[1:] = (members[1:] != members[:-1]) | (numbers[1:] != numbers[:-1])
        members, numbers = members[fresh], numbers[fresh]
    return members, numbers


def pairs_in(table: pa.Table, edges: Ints) -> Pairs:
    """Who is there in which period, each once; facts outside the edges are dropped."""
    members, numbers = ints(table, "member_id"), period_numbers(ints(table, "at_us"), edges)
    inside = (numbers >= 0) & (numbers < len(edges) - 1)
    return distinct(members[inside], numbers[inside])


def first_of(table: pa.Table) -> tuple[Ints, Ints]:
    """Each member once, ascending, with the instant of their first fact."""
    members, at = ints(table, "member_id"), ints(table, "at_us")
    order = np.lexsort((at, members))
    members, at = members[order], at[order]
    fresh = np.ones(len(members), dtype=bool)
    fresh[1:] = members[1:] != members[:-1]
    return members[fresh], at[fresh]


def counted(numbers: Ints, periods: int) -> Ints:
    """How many of each period number."""
    return np.asarray(np.bincount(numbers, minlength=periods)[:periods], dtype=np.int64)


def joined(pairs: Pairs, others: Pairs) -> Any:
    """For each pair, whether it is among `others` too."""
    span = int(max([pairs[1].max(initial=0), others[1].max(initial=0)])) + 2
    return np.isin(pairs[0] * span + pairs[1], others[0] * span + others[1])


def rounded_share(part: int, whole: int, digits: int = 4) -> float:
    """part / whole, rounded half up in whole numbers; 0 of nothing is 0."""
    if not whole:
        return 0.0
    scale = 10**digits
    return float((2 * part * scale + whole) // (2 * whole) / scale)


def added(partials: list[pa.Table] | tuple[pa.Table, ...], column: str = "n") -> Ints:
    """The sum of the buckets, position by position."""
    return np.asarray(np.sum([ints(part, column) for part in partials], axis=0), dtype=np.int64)
