"""The notation of times in a playbook (偏移): text in, small frozen values out. No clock, no zone.

One cell holds one offset or a list with commas. What each form means is in docs/howto/playbook-format.md.
"""

import re
from datetime import date, time

from django.utils.translation import gettext as _

from chaguan.playbooks.moments import (
    Day,
    Deadline,
    Delta,
    Moment,
    Offset,
    Recurring,
    Repeat,
    Rule,
    Span,
    Trigger,
)
from chaguan.playbooks.rules import BadRule, checked_rule

__all__ = [
    "BadOffset",
    "Day",
    "Deadline",
    "Delta",
    "Moment",
    "Offset",
    "Recurring",
    "Repeat",
    "Rule",
    "Span",
    "Trigger",
    "parse_offset",
]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class BadOffset(ValueError):
    """The text is not in the notation; the message is one sentence for the author."""


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
    rf"(?P<rule>daily|weekdays|workdays|weekly|monthly|quarterly|yearly)\b\s*(?P<mid>.*?)\s*{CLOCK}(?:\s*(?:–|—|-)\s*(?P<closes>\d{{1,2}}:\d\d))?$"
)
_RRULE = re.compile(
    rf"rrule:\s*(?P<rrule>\S+)\s+{CLOCK}(?:\s*(?:–|—|-)\s*(?P<closes>\d{{1,2}}:\d\d))?$"
)
_BARE_RRULE = re.compile(r"rrule:(?!.*\s\d?\d:\d\d)")
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
        if _BARE_RRULE.match(earlier):  # the rule's own commas: BYDAY=MO,WE
            parts[-1] = f"{earlier},{piece}"
            continue
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
    closes = _time(match["closes"]) if match["closes"] else None
    try:
        if rule == "daily" and not mid:
            return [Recurring("DAILY", at, closes=closes)]
        if rule == "weekdays" and not mid:
            return [Recurring("WEEKLY", at, (0, 1, 2, 3, 4), closes=closes)]
        if rule == "workdays" and not mid:
            return [Recurring("DAILY", at, workdays_only=True, closes=closes)]
        if rule == "weekly" and mid:
            days = tuple(sorted({WEEKDAYS.index(word) for word in mid}))
            return [Recurring("WEEKLY", at, days, closes=closes)]
        if rule in ("monthly", "quarterly") and len(mid) == 1 and 1 <= int(mid[0]) <= 31:
            months: tuple[int, ...] = (3, 6, 9, 12) if rule == "quarterly" else ()
            day = (int(mid[0]),)
            return [Recurring("MONTHLY", at, month_days=day, months=months, closes=closes)]
        if rule == "yearly" and len(mid) == 1:
            day_of_year = date.fromisoformat(f"2024-{mid[0]}")  # a leap year: 02-29 is a day
            day, months = (day_of_year.day,), (day_of_year.month,)
            return [Recurring("YEARLY", at, month_days=day, months=months, closes=closes)]
    except ValueError:
        pass
    raise BadOffset(
        _(
            "“%(text)s” is not complete; write daily 08:00, weekdays 08:00, weekly Tue 20:00, "
            "monthly 1 10:00, quarterly 5 10:00 or yearly 06-01 10:00."
        )
        % {"text": match.string}
    )


def _rrule(match: re.Match[str]) -> list[Moment]:
    closes = _time(match["closes"]) if match["closes"] else None
    try:
        return [Rule(checked_rule(match["rrule"]), _clock(match), closes)]
    except BadRule as error:
        raise BadOffset(str(error)) from None


def _rrule_without_time(match: re.Match[str]) -> list[Moment]:
    text = _(
        "“%(text)s” lacks the time of day; write for example rrule:FREQ=WEEKLY;BYDAY=TU 20:00."
    )
    raise BadOffset(text % {"text": match.string})


_FORMS = (
    (_RRULE, _rrule),
    (_BARE_RRULE, _rrule_without_time),
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
