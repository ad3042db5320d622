"""Local days, weeks and months as instants. All boundaries come from the IANA zone, so DST is right.

Instants are whole microseconds since 1970 in UTC, as the columnar copy keeps them.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from chaguan.insights.types import Asked, Every

Ints = NDArray[np.int64]
DAY_US = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_us(at: datetime) -> int:
    """An aware instant as microseconds."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(us: int) -> datetime:
    """The instant of so many microseconds, in UTC."""
    return _EPOCH + timedelta(microseconds=int(us))


def midnight_us(day: date, timezone: str) -> int:
    """When the local day begins. A midnight that the clock skips is the moment it skips it."""
    zone = ZoneInfo(timezone)
    return instant_us(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))


def first_day(day: date, every: Every) -> date:
    """The first day of the period that `day` lies in."""
    if every is Every.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every is Every.MONTH else day


def next_first_day(first: date, every: Every) -> date:
    """The first day of the period after the one that begins on `first`."""
    if every is Every.MONTH:
        return (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if every is Every.WEEK else 1)


def previous_first_day(first: date, every: Every) -> date:
    """The first day of the period before the one that begins on `first`."""
    return first_day(first - timedelta(days=1), every)


def first_days(since: date, until: date, every: Every) -> list[date]:
    """The first day of every period that touches the range, both ends included."""
    days = [first_day(since, every)]
    while (following := next_first_day(days[-1], every)) <= until:
        days.append(following)
    return days


def periods_of(asked: Asked) -> list[date]:
    """The periods of a question, by their first day."""
    return first_days(asked.since, asked.until, asked.every)


@lru_cache(maxsize=256)
def _edges(since: date, until: date, every: Every, timezone: str) -> tuple[int, ...]:
    inner = first_days(since, until, every)[1:]
    days = [since, *inner, until + timedelta(days=1)]
    return tuple(midnight_us(day, timezone) for day in days)


def edges_of(asked: Asked) -> Ints:
    """Where the periods begin, and where the last one ends; cut to the range. One more than periods."""
    return np.array(_edges(asked.since, asked.until, asked.every, asked.timezone), dtype=np.int64)


def period_numbers(at: NDArray[Any], edges: Ints) -> Ints:
    """The number of the period of each instant: below 0 before the range, len(edges) - 1 after it."""
    return np.searchsorted(edges, at, side="right") - 1


def local_us(at: Ints, timezone: str) -> Ints:
    """The same instants as the local clock shows them, still in microseconds."""
    if not len(at):
        return at
    changes, offsets = _offsets(int(at.min()) // DAY_US, int(at.max()) // DAY_US + 1, timezone)
    shown = np.array(offsets)[np.searchsorted(changes, at, side="right") - 1]
    return np.asarray(at + shown, dtype=np.int64)


@lru_cache(maxsize=64)
def _offsets(from_day: int, to_day: int, timezone: str) -> tuple[list[int], list[int]]:
    """Where the zone's offset changes between two UTC days, and the offset from there on."""
    zone = ZoneInfo(timezone)

    def offset(us: int) -> int:
        shift = instant(us).astimezone(zone).utcoffset() or timedelta(0)
        return shift // timedelta(microseconds=1)

    changes, offsets = [from_day * DAY_US], [offset(from_day * DAY_US)]
    for day in range(from_day + 1, to_day + 1):
        if offset(day * DAY_US) != offsets[-1]:
            minutes = range((day - 1) * DAY_US, day * DAY_US + 1, 60_000_000)
            at = bisect_right(minutes, 0, key=lambda us: int(offset(us) != offsets[-1]))
            changes.append(minutes[at])
            offsets.append(offset(minutes[at]))
    return changes, offsets
