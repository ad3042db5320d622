"""Times of a playbook in words: `D3 08:00` reads "day 3, 08:00"."""

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chaguan.playbooks.selectors.notation import (
    BadOffset,
    Day,
    Deadline,
    Delta,
    Moment,
    Recurring,
    Repeat,
    Rule,
    Trigger,
    parse_offset,
)

SHOWN = 3  # moments of a list before "…"


def offset_words(text: str) -> str:
    """The offset for people; what is no offset (a plain time) stays as it is."""
    try:
        moments = parse_offset(text).moments
    except BadOffset:
        return text
    words = [_moment(moment) for moment in moments[:SHOWN]]
    return ", ".join(words) + (" …" if len(moments) > SHOWN else "")


def _moment(moment: Moment) -> str:
    if isinstance(moment, Day):
        return f"{_day(moment.base, moment.n)} {moment.at:%H:%M}"
    if isinstance(moment, Delta):
        return _delta(moment)
    if isinstance(moment, Recurring):
        return f"{_rule(moment)} {moment.at:%H:%M}"
    if isinstance(moment, Rule):
        return _("by the rule %(rule)s, %(time)s") % {
            "rule": moment.rrule,
            "time": f"{moment.at:%H:%M}",
        }
    if isinstance(moment, Repeat):
        return _("every %(span)s") % {"span": _span(moment.seconds)}
    if isinstance(moment, Trigger):
        return _("when it happens")
    if isinstance(moment, Deadline):
        return _("within %(span)s") % {"span": _span(moment.within_s)}
    return f"{_day(moment.base, moment.first)} – {_day(moment.base, moment.last)}"


def _day(base: str, n: int) -> str:
    """`n` counts from the base's own day."""
    if base == "E":
        if n == 0:
            return _("on the day of the event")
        if n < 0:
            return ngettext(
                "%(days)d day before the event", "%(days)d days before the event", -n
            ) % {"days": -n}
        return ngettext("%(days)d day after the event", "%(days)d days after the event", n) % {
            "days": n
        }
    number = n + 1 if n >= 0 else n
    if base in ("P", "J"):
        return _("their day %(day)d") % {"day": number}
    return day_words(number)


def day_words(number: int) -> str:
    """A day of the run: day 3; days before the first one count backwards to it, so there is no day 0."""
    if number > 0:
        return _("day %(day)d") % {"day": number}
    days = max(1, -number)
    return ngettext("%(days)d day before", "%(days)d days before", days) % {"days": days}


def _delta(moment: Delta) -> str:
    span = _span(abs(moment.seconds))
    if moment.base == "E":
        if moment.seconds < 0:
            return _("%(span)s before the event") % {"span": span}
        return _("%(span)s after the event began") % {"span": span}
    if moment.base in ("J", "P"):
        return _("%(span)s after joining") % {"span": span}
    return _("%(span)s after the start") % {"span": span}


def _rule(moment: Recurring) -> str:
    if moment.workdays_only:
        return _("workdays")
    if moment.freq == "DAILY":
        return _("daily")
    if moment.weekdays == (0, 1, 2, 3, 4):
        return _("Monday to Friday")
    if moment.freq == "WEEKLY":
        return "、".join(str(WEEKDAYS_ABBR[day]) for day in moment.weekdays)
    if moment.freq == "MONTHLY":
        days = ", ".join(str(day) for day in moment.month_days)
        return _("monthly on the %(days)s.") % {"days": days}
    return _("yearly")


def _span(seconds: int) -> str:
    if seconds >= 86400 and seconds % 86400 == 0:
        return ngettext("%(n)d day", "%(n)d days", seconds // 86400) % {"n": seconds // 86400}
    if seconds >= 3600 and seconds % 3600 == 0:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) % {"n": seconds // 3600}
    if seconds >= 60:
        return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}
    return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
