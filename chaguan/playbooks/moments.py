"""Moments of a step in time, as small frozen values: what the notation of times reads into."""

from dataclasses import dataclass, field
from datetime import time
from typing import Literal

Base = Literal["D", "P", "E", "J", "H", "T"]


@dataclass(frozen=True)
class Day:
    """A local day and time: `D3 08:00`, `P2 09:00`, `E-1d 20:00`, `J+1d 12:00`.

    `n` counts days from the base's own day; D1 and P1 are that day, so they have n = 0.
    """

    base: Base
    n: int
    at: time


@dataclass(frozen=True)
class Delta:
    """A plain span after or before an instant: `H+6`, `E-1h`, `J+10m`, `T+24h`."""

    base: Base
    seconds: int


@dataclass(frozen=True)
class Recurring:
    """A rule of the calendar: `daily 08:00`, `weekdays 08:00`, `Tue, Thu 20:30`, `monthly 1 10:00`."""

    freq: Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
    at: time
    weekdays: tuple[int, ...] = ()  # 0 is Monday
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    workdays_only: bool = False  # the working days of the community's calendar
    from_day: int = 0  # days after the run's first day
    closes: time | None = None  # `daily 11:00–12:00`: to be done by then


@dataclass(frozen=True)
class Rule:
    """`rrule:FREQ=MONTHLY;BYDAY=2TU 20:00`: a rule of RFC 5545 over local days, and the local time.

    It counts from the run's first day: COUNT and INTERVAL begin there.
    """

    rrule: str
    at: time
    closes: time | None = None


@dataclass(frozen=True)
class Repeat:
    """`every 30m H+0…H+46`: at both ends and every `seconds` between. `last` None: until the run ends."""

    seconds: int
    first: Delta
    last: Delta | None


@dataclass(frozen=True)
class Trigger:
    """`on:silence_4h 09:00–21:00`: when something happens, inside the local window if one is given."""

    name: str
    after_s: int = 0
    window: tuple[time, time] | None = None


@dataclass(frozen=True)
class Deadline:
    """`within 24h of on:submission` or `until T+7d`: open from the start on, to be done by the end."""

    within_s: int
    trigger: Trigger | None  # None: the case or trigger that opened the run (T)
    days: tuple[int, int] | None = None  # only triggers on these days of the run count


@dataclass(frozen=True)
class Span:
    """`D8–D9`: some time in these days. Due on the first at `opens`, late after the last at `closes`."""

    base: Base
    first: int
    last: int
    opens: time = time(9)
    closes: time = time(21)


Moment = Day | Delta | Recurring | Rule | Repeat | Trigger | Deadline | Span


@dataclass(frozen=True)
class Offset:
    """One cell of the timeline: what the author wrote, and the moments it stands for."""

    text: str
    moments: tuple[Moment, ...] = field(compare=False)

    @property
    def bases(self) -> frozenset[str]:
        """Which starting points the moments need: D, P, E, J, H, T, `calendar` or `trigger`."""
        return frozenset(base_of(moment) for moment in self.moments)

    @property
    def trigger_names(self) -> tuple[str, ...]:
        named = [m.trigger if isinstance(m, Deadline) else m for m in self.moments]
        return tuple(m.name for m in named if isinstance(m, Trigger))


def base_of(moment: Moment) -> str:
    if isinstance(moment, Day | Delta | Span):
        return moment.base
    if isinstance(moment, Repeat):
        return moment.first.base
    if isinstance(moment, Recurring | Rule):
        return "calendar"
    if isinstance(moment, Deadline) and moment.trigger is None:
        return "T"
    return "trigger"
