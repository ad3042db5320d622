"""Rules of RFC 5545 (rrule) over local days: read strictly, laid out from a first day."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from dateutil.rrule import rrule, rrulestr
from django.utils.translation import gettext as _

_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}",
    "BYMONTH": r"[1-9]|1[0-2]",
    "BYMONTHDAY": r"-?(?:[1-9]|[12]\d|3[01])",
    "BYYEARDAY": r"-?[1-9]\d{0,2}",
    "BYWEEKNO": r"-?(?:[1-9]|[1-4]\d|5[0-3])",
    "BYDAY": r"(?:[+-]?[1-9]\d?)?(?:MO|TU|WE|TH|FR|SA|SU)",
    "BYSETPOS": r"-?[1-9]\d{0,2}",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
}
_FOREVER = timedelta(days=366 * 13)  # the leap day of 2096 is followed by that of 2104


class BadRule(ValueError):
    """The rule cannot be taken; the message is one sentence for the author."""


def checked_rule(text: str) -> str:
    """The rule in capitals. Raises BadRule for what RFC 5545 does not know, times, and rules without a day.

    UNTIL is a local date, the last that counts. Times of day stand behind the rule, not in it.
    """
    rule = text.strip().upper().removesuffix(";")
    seen: dict[str, str] = {}
    for part in rule.split(";"):
        name, _equals, value = part.partition("=")
        if name in ("BYHOUR", "BYMINUTE", "BYSECOND") or value in (
            "HOURLY",
            "MINUTELY",
            "SECONDLY",
        ):
            raise BadRule(_("A rule counts days; write the time of day behind it, as in 20:00."))
        if name == "UNTIL" and not _is_day(value):
            raise BadRule(_("UNTIL is the last local day, written as 20261231."))
        if name not in _PARTS or name in seen or not _fits(name, value):
            sentence = _("“%(part)s” cannot stand in a rule here; see RFC 5545 for its words.")
            raise BadRule(sentence % {"part": part})
        seen[name] = value
    if "FREQ" not in seen:
        raise BadRule(_("The rule lacks its FREQ: DAILY, WEEKLY, MONTHLY or YEARLY."))
    if "COUNT" in seen and "UNTIL" in seen:
        raise BadRule(_("A rule ends by COUNT or by UNTIL, not by both."))
    if seen["FREQ"] in ("DAILY", "WEEKLY") and re.search(r"\d", seen.get("BYDAY", "")):
        raise BadRule(_("Only months and years count weekdays, as in FREQ=MONTHLY;BYDAY=2TU."))
    if not _ever_comes(rule):
        raise BadRule(_("“%(rule)s” never falls on a day.") % {"rule": rule})
    return rule


def _fits(name: str, value: str) -> bool:
    one = f"(?:{_PARTS[name]})"
    return bool(re.fullmatch(f"{one}(?:,{one})*" if name.startswith("BY") else one, value))


def _is_day(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{8}", value) and _day(value))
    except ValueError:
        return False


def _ever_comes(rule: str) -> bool:
    """Whether the rule, without its ends and its interval, names any day at all."""
    ends = ("UNTIL=", "COUNT=", "INTERVAL=")
    endless = ";".join(part for part in rule.split(";") if not part.startswith(ends))
    first = date(2096, 1, 1)
    try:
        return next(days_of(endless, first, first, first + _FOREVER), None) is not None
    except (ValueError, IndexError, TypeError):  # how dateutil declines a combination
        return False


def days_of(rule: str, first: date, since: date, until: date) -> Iterator[date]:
    """The days of the rule that begins on `first`, from `since` to `until`, both included.

    `first` itself comes only if the rule names it. COUNT counts from `first`, whatever `since` is.
    """
    parts = dict(part.split("=") for part in rule.split(";"))
    count = int(parts.pop("COUNT", "0")) or None
    last = min(until, _day(parts.pop("UNTIL", "99991231")))
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    begins = datetime.combine(first, time())
    read = rrulestr(text, dtstart=begins)
    assert isinstance(read, rrule)  # one RRULE, no EXDATE or RDATE
    # The end is given to dateutil too: a rule that never comes would be looked for up to year 9999.
    found = read.replace(until=datetime.combine(last, time()))
    return (at.date() for at in islice(found, count) if at.date() >= since)


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()


def freq_of(rule: str) -> str:
    """DAILY, WEEKLY, MONTHLY or YEARLY."""
    return rule.partition("FREQ=")[2].partition(";")[0]
