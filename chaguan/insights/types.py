"""Words for numbers: what is asked, in which periods, and the six health states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Every(StrEnum):
    """The length of a period."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"


class HealthState(StrEnum):
    """Condition of a community (热闹/降温/冷清/水群/广告群/死群)."""

    LIVELY = "lively"
    COOLING = "cooling"
    COLD = "cold"
    NOISY = "noisy"
    AD_RIDDEN = "ad_ridden"
    DEAD = "dead"


@dataclass(frozen=True)
class Asked:
    """One question to a metric.

    `since` and `until` are local dates in `timezone`, both inclusive. Periods start on the first day of a
    day, week (Monday) or month; the first and the last may be cut by the range. `windows` are the lengths
    of the edition in force. `known_us` is the reach of the log there: its first and last instant, UTC µs.
    """

    community_ids: tuple[int, ...]
    since: date
    until: date
    every: Every = Every.DAY
    timezone: str = "Asia/Shanghai"
    with_bots: bool = False
    windows: Mapping[str, int] = field(default_factory=dict)
    known_us: tuple[int, int] = (0, 0)
