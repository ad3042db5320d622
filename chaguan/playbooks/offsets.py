"""The notation of times in a playbook (偏移): text in, small frozen values out. No clock, no zone.

One cell holds one offset or a list with commas. What each form means is in docs/howto/playbook-format.md.
"""

import re
from dataclasses import dataclass, field
from datetime import time
from typing import Literal

from django.utils.translation import gettext as _

Base = Literal["D", "P", "E", "J", "H", "T"]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class BadOffset(ValueError):
    """The text is not in the notation; the message is one sentence for the author."""


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
    workdays_only: bool = False
    from_day: int = 0  # days after the run's first day
    closes: time | None = None  # `daily 11:00–12:00`: to be done by then


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


Moment = Day | Delta | Recurring | Repeat | Trigger | Deadline | Span


@dataclass(frozen=True)
class Offset:
    """One cell of the timeline: what the author wrote, and the moments it stands for."""

    text: str
    moments: tuple[Moment, ...] = field(compare=False)

    @property
    def bases(self) -> frozenset[str]:
        """Which starting points the moments need: D, P, E, J, H, T, `calendar` or `trigger`."""
        return frozenset(_base_of(moment) for moment in self.moments)

    @property
    def trigger_names(self) -> tuple[str, ...]:
        named = [m.trigger if isinstance(m, Deadline) else m for m in self.moments]
        return tuple(m.name for m in named if isinstance(m, Trigger))


def _base_of(moment: Moment) -> str:
    if isinstance(moment, Day | Delta | Span):
        return moment.base
    if isinstance(moment, Repeat):
        return moment.first.base
    if isinstance(moment, Recurring):
        return "calendar"
    if isinstance(moment, Deadline) and moment.trigger is None:
        return "T"
    return "trigger"


CLOCK = r"(?P<h>[01]?\d|2[0-3]):(?P<mi>[0-5]\d)"
DASH = r"\s*(?:–|—|-|\.\.|…)\s*"
_DAY_RANGE = re.compile(rf"(?P<b>[DP])(?P<a>-?\d+){DASH}[DP]?(?P<z>\d+)(?:\s+{CLOCK})?$")
_LONE_DAY = re.compile(r"(?P<b>[DP])(?P<n>-?\d+)$")
_DAY = re.compile(rf"(?P<b>[DP])(?P<n>-?\d+)\s+{CLOCK}$")
_SIGNED_DAY = re.compile(rf"(?P<b>[EJT])(?P<n>[+-]\d+)d\s+{CLOCK}$")
_DELTA = re.compile(r"(?:[PD]\d+\s+)?(?P<b>[HEJT])(?P<n>[+-]\d+)(?P<u>[smhd])?$")
_EVERY = re.compile(r"every\s+(?P<n>\d+)(?P<u>[smhd])\s+(?P<span>.+)$")
_TRIGGER = re.compile(
    r"on:(?P<name>[a-z][a-z0-9_.]*)(?:\s*\+(?P<n>\d+)(?P<u>[smhd]))?"
    r"(?:[\s,]+(?P<w>\d{1,2}:\d\d\s*(?:–|—|-)\s*\d{1,2}:\d\d))?$"
)
_WITHIN = re.compile(
    r"within\s+(?P<n>\d+)(?P<u>[smhd])\s+of\s+(?P<rest>on:[a-z0-9_.]+)(?P<days>.*)$"
)
_UNTIL = re.compile(r"until\s+T\+(?P<n>\d+)(?P<u>[smhd])$")
_ONWARDS = re.compile(
    rf"D(?P<n>\d+)\s+onwards(?:,?\s+max\.?\s+(?P<max>[1-7])\s+a\s+week)?(?:\s+{CLOCK})?$"
)
_RECURRING = re.compile(
    rf"(?P<rule>daily|weekdays|weekly|monthly|quarterly|yearly)\b\s*(?P<mid>.*?)\s*{CLOCK}(?:\s*(?:–|—|-)\s*(?P<closes>\d{{1,2}}:\d\d))?$"
)
_NAMED_DAYS = re.compile(
    rf"(?P<days>(?:{'|'.join(WEEKDAYS)})(?:\s+(?:{'|'.join(WEEKDAYS)}))*)\s+{CLOCK}$"
)
_SPREAD = {
    1: (2,),
    2: (1, 3),
    3: (0, 2, 4),
    4: (0, 1, 3, 4),
    5: (0, 1, 2, 3, 4),
    6: (0, 1, 2, 3, 4, 5),
    7: tuple(range(7)),
}


def parse_offset(text: str) -> Offset:
    """Read one cell. Raises BadOffset with a sentence that shows what was expected."""
    moments: list[Moment] = []
    for part in _parts(text):
        moments.extend(_moments(part, text))
    if not moments:
        raise BadOffset(_("The offset is empty; write for example D3 08:00."))
    return Offset(text, tuple(moments))


def _parts(text: str) -> list[str]:
    """Split a list at its commas, but keep together what one form writes with a comma."""
    parts: list[str] = []
    for piece in (p.strip() for p in text.split(",")):
        earlier = parts[-1] if parts else ""
        joins = (
            earlier.startswith(("within", "on:")) and not piece.startswith(("within", "on:"))
        ) or (earlier.endswith("onwards") and piece.startswith("max"))
        if joins:
            parts[-1] = f"{earlier}, {piece}"
        elif earlier and all(word in WEEKDAYS for word in earlier.replace("weekly ", "").split()):
            parts[-1] = f"{earlier} {piece}"
        elif piece:
            parts.append(piece)
    return parts


def _moments(part: str, whole: str) -> list[Moment]:
    for pattern, build in _FORMS:
        match = pattern.match(part)
        if match:
            return build(match)
    raise BadOffset(
        _(
            "“%(text)s” is not a known offset; write for example D3 08:00, H+6, E-1h, J+10m, "
            "P2 09:00, daily 08:00, weekly Tue 20:00 or on:silence_4h."
        )
        % {"text": whole}
    )


def _clock(match: re.Match[str]) -> time:
    return time(int(match["h"]), int(match["mi"]))


def _nth(base: str, n: int) -> int:
    """Days after the base's own day: D1 is 0, D-2 is -2; D0 is the day before D1, like D-1."""
    return n - 1 if n > 0 or base == "P" else n - (1 if n == 0 else 0)


def _day_range(match: re.Match[str]) -> list[Moment]:
    base, first, last = match["b"], int(match["a"]), int(match["z"])
    if last < first:
        raise BadOffset(
            _("“%(text)s” runs backwards; write the earlier day first.") % {"text": match.string}
        )
    if match["h"] is None:
        return [Span(base, _nth(base, first), _nth(base, last))]  # type: ignore[arg-type] # the pattern allows D and P only
    days = [n for n in range(first, last + 1) if not (n == 0 and first < 0)]
    return [Day(base, _nth(base, n), _clock(match)) for n in days]  # type: ignore[arg-type] # same


def _day(match: re.Match[str]) -> list[Moment]:
    return [Day(match["b"], _nth(match["b"], int(match["n"])), _clock(match))]  # type: ignore[arg-type] # same


def _lone_day(match: re.Match[str]) -> list[Moment]:
    n = _nth(match["b"], int(match["n"]))
    return [Span(match["b"], n, n)]  # type: ignore[arg-type] # same


def _signed_day(match: re.Match[str]) -> list[Moment]:
    return [Day(match["b"], int(match["n"]), _clock(match))]  # type: ignore[arg-type] # E, J and T only


def _span_s(match: re.Match[str], default: str = "") -> int:
    return int(match["n"]) * UNIT_S[match["u"] or default]


def _delta(match: re.Match[str]) -> list[Moment]:
    if match["u"] is None and match["b"] != "H":
        raise BadOffset(_("“%(text)s” needs a unit: s, m, h or d.") % {"text": match.string})
    return [Delta(match["b"], _span_s(match, "h"))]  # type: ignore[arg-type] # the pattern allows these only


def _every(match: re.Match[str]) -> list[Moment]:
    words = re.match(
        r"(?:from\s+)?(?P<a>[HT][+-]\d+[smhd]?)(?:\s*(?:–|—|\.\.|…|-)\s*(?P<z>[HT][+-]\d+[smhd]?))?$",
        match["span"],
    )
    if words is None:
        raise BadOffset(_("“%(text)s” needs a span such as H+0…H+46.") % {"text": match.string})
    ends = [_DELTA.match(words[side]) for side in ("a", "z") if words[side]]
    first, *last = [moment for end in ends if end for moment in _delta(end)]
    if not isinstance(first, Delta) or (last and not isinstance(last[0], Delta)):
        raise BadOffset(_("“%(text)s” needs a span such as H+0…H+46.") % {"text": match.string})
    seconds = _span_s(match)
    if seconds < 60:
        raise BadOffset(
            _("“%(text)s” repeats more often than once a minute.") % {"text": match.string}
        )
    return [Repeat(seconds, first, last[0] if last else None)]  # type: ignore[arg-type] # checked above


def _trigger(match: re.Match[str]) -> list[Moment]:
    window = None
    if match["w"]:
        a, z = re.split(r"–|—|-", match["w"])
        window = (_time(a), _time(z))
    return [Trigger(match["name"], _span_s(match) if match["n"] else 0, window)]


def _time(text: str) -> time:
    hour, minute = text.strip().split(":")
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise BadOffset(_("“%(text)s” is not a time of day.") % {"text": text.strip()}) from None


def _within(match: re.Match[str]) -> list[Moment]:
    trigger = Trigger(match["rest"].removeprefix("on:"))
    days = None
    if rest := match["days"].strip(" ,"):
        spans = _day_range(_must(_DAY_RANGE, rest, match.string))
        days = (spans[0].first, spans[0].last) if isinstance(spans[0], Span) else None
    return [Deadline(_span_s(match), trigger, days)]


def _must(pattern: re.Pattern[str], text: str, whole: str) -> re.Match[str]:
    match = pattern.match(text)
    if match is None:
        raise BadOffset(
            _("“%(text)s” ends unclearly; write days such as D2–D6 there.") % {"text": whole}
        )
    return match


def _until(match: re.Match[str]) -> list[Moment]:
    return [Deadline(_span_s(match), None)]


def _onwards(match: re.Match[str]) -> list[Moment]:
    often = int(match["max"] or 1)
    at = _clock(match) if match["h"] else time(10)
    return [Recurring("WEEKLY", at, _SPREAD[often], from_day=_nth("D", int(match["n"])))]


def _named_days(match: re.Match[str]) -> list[Moment]:
    days = tuple(sorted({WEEKDAYS.index(word) for word in match["days"].split()}))
    return [Recurring("WEEKLY", _clock(match), days)]


def _recurring(match: re.Match[str]) -> list[Moment]:
    rule, mid, at = match["rule"], match["mid"].split(), _clock(match)
    try:
        if rule == "daily" and not mid:
            closes = _time(match["closes"]) if match["closes"] else None
            return [Recurring("DAILY", at, closes=closes)]
        if rule == "weekdays" and not mid:
            return [Recurring("WEEKLY", at, (0, 1, 2, 3, 4), workdays_only=True)]
        if rule == "weekly" and mid:
            days = tuple(sorted({WEEKDAYS.index(word) for word in mid}))
            return [Recurring("WEEKLY", at, days)]
        if rule in ("monthly", "quarterly") and len(mid) == 1 and 1 <= int(mid[0]) <= 31:
            months = (3, 6, 9, 12) if rule == "quarterly" else ()
            return [Recurring("MONTHLY", at, month_days=(int(mid[0]),), months=months)]
        if rule == "yearly" and len(mid) == 1:
            month, day = (int(number) for number in mid[0].split("-"))
            return [Recurring("YEARLY", at, month_days=(day,), months=(month,))]
    except ValueError:
        pass
    raise BadOffset(
        _(
            "“%(text)s” is not complete; write daily 08:00, weekdays 08:00, weekly Tue 20:00, "
            "monthly 1 10:00, quarterly 5 10:00 or yearly 06-01 10:00."
        )
        % {"text": match.string}
    )


_FORMS = (
    (_DAY_RANGE, _day_range),
    (_DAY, _day),
    (_LONE_DAY, _lone_day),
    (_SIGNED_DAY, _signed_day),
    (_DELTA, _delta),
    (_EVERY, _every),
    (_WITHIN, _within),
    (_UNTIL, _until),
    (_TRIGGER, _trigger),
    (_ONWARDS, _onwards),
    (_NAMED_DAYS, _named_days),
    (_RECURRING, _recurring),
)
