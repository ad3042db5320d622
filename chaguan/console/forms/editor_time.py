"""A step's time in words: how it counts, which day, at what hour. Reads and writes the notation of L0."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from chaguan.playbooks.selectors.notation import (
    BadOffset,
    Day,
    Delta,
    Moment,
    Recurring,
    Trigger,
    parse_offset,
)
from chaguan.ui.forms import dress

NOTATION_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COUNTS = (
    ("D", _("on a day of the run")),
    ("P", _("on a day of each person")),
    ("H", _("hours after the start")),
    ("E", _("days before or after the event")),
    ("J", _("after somebody joined")),
    ("T", _("after the wait before it")),
    ("daily", _("every day")),
    ("workdays", _("on working days")),
    ("weekly", _("every week")),
    ("monthly", _("every month")),
    ("on", _("when something happens")),
    ("raw", _("in the notation")),
)
UNITS = (("m", _("minutes")), ("h", _("hours")), ("d", _("days")))
HAPPENINGS = (
    ("new_member", _("somebody joins")),
    ("message", _("somebody writes")),
    ("sign_in", _("somebody checks in")),
    ("order_confirmed", _("an order is confirmed")),
    ("product_used", _("the product is used")),
    ("member_left", _("somebody leaves")),
    ("stage_changed", _("the relation stage changes")),
    ("tagged", _("somebody gets a tag")),
    ("opted_out", _("somebody opts out")),
    ("silence_4h", _("four hours of silence")),
    ("silence_24h", _("a day of silence")),
)
LONE_DAY = re.compile(r"D(-?\d+)$")


class TimeForm(forms.Form):
    """The parts of a time. Only those that the way of counting needs are read."""

    counts = forms.ChoiceField(label=_("When"), choices=COUNTS)
    day = forms.IntegerField(label=_("Day"), required=False, min_value=-400, max_value=400)
    at = forms.TimeField(label=_("At"), required=False, input_formats=["%H:%M"])
    span = forms.IntegerField(label=_("How long"), required=False, min_value=-9999, max_value=9999)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, required=False)
    weekday = forms.MultipleChoiceField(
        label=_("Weekdays"),
        required=False,
        choices=[(name, WEEKDAYS[n]) for n, name in enumerate(NOTATION_DAYS)],
        widget=forms.CheckboxSelectMultiple,
    )
    month_day = forms.IntegerField(
        label=_("Day of the month"), required=False, min_value=1, max_value=31
    )
    happening = forms.ChoiceField(label=_("What happens"), choices=HAPPENINGS, required=False)
    raw = forms.CharField(label=_("Notation"), required=False, max_length=120)

    def __init__(self, given: Mapping[str, Any] | None = None, *, offset: str = "") -> None:
        initial = parts_of_offset(offset)
        super().__init__(given, prefix="time", initial=initial)
        self.fields["at"].widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        self.fields["counts"].widget.attrs["data-counts"] = ""
        dress(self)

    def offset(self) -> str | None:
        """The notation of what was filled in; None while something is missing. Call after is_valid."""
        given = self.cleaned_data
        counts, at = given["counts"], given.get("at")
        if counts == "raw":
            return given.get("raw") or None
        if counts == "on":
            return f"on:{given['happening']}" if given.get("happening") else None
        if counts in ("H", "T", "J") and not (counts == "J" and at):
            return _spanned(counts, given.get("span"), given.get("unit") or "h")
        return None if at is None else _dated(counts, given, f"{at:%H:%M}")


def says_the_same(one: str, other: str) -> bool:
    """Whether two notations mean the same moments: `Tue 20:00` and `weekly Tue 20:00`."""
    try:
        return parse_offset(one).moments == parse_offset(other).moments
    except BadOffset:
        return one == other


def _spanned(counts: str, span: int | None, unit: str) -> str | None:
    if span is None or (counts != "H" and span < 0):
        return None
    return f"{counts}{span:+d}{'' if counts == 'H' and unit == 'h' else unit}"


def _dated(counts: str, given: Mapping[str, Any], at: str) -> str | None:
    day = given.get("day")
    match counts:
        case "D" | "P" if day and (counts == "D" or day > 0):
            return f"{counts}{day} {at}"
        case "E" | "J" if day is not None and (counts == "E" or day >= 0):
            return f"{counts}{day:+d}d {at}"
        case "daily" | "workdays":
            return f"{counts} {at}"
        case "weekly" if given.get("weekday"):
            return f"weekly {', '.join(given['weekday'])} {at}"
        case "monthly" if given.get("month_day"):
            return f"monthly {given['month_day']} {at}"
    return None


def parts_of_offset(offset: str) -> dict[str, Any]:
    """The form's values for a notation; what is more than one plain time stays in the notation."""
    try:
        moments = parse_offset(offset).moments
    except BadOffset:
        return {"counts": "raw" if offset else "D", "raw": offset, "unit": "h"}
    found = _parts(moments[0]) if len(moments) == 1 else None
    parts = {"raw": offset, "unit": "h", **(found or {"counts": "raw"})}
    form_knows = found is not None and not (LONE_DAY.match(offset))
    return parts if form_knows else {**parts, "counts": "raw"}


def _parts(moment: Moment) -> dict[str, Any] | None:
    if isinstance(moment, Day) and moment.base in ("D", "P"):
        day = moment.n + 1 if moment.n >= 0 else moment.n
        return {"counts": moment.base, "day": day, "at": moment.at}
    if isinstance(moment, Day) and moment.base in ("E", "J"):
        return {"counts": moment.base, "day": moment.n, "at": moment.at}
    if isinstance(moment, Delta) and moment.base in ("H", "J", "T"):
        return {"counts": moment.base, **_span_parts(moment.seconds)}
    if isinstance(moment, Trigger) and not moment.after_s and not moment.window:
        known = {name for name, _words in HAPPENINGS}
        return {"counts": "on", "happening": moment.name} if moment.name in known else None
    if isinstance(moment, Recurring) and not moment.closes and not moment.from_day:
        return _rule_parts(moment)
    return None


def _span_parts(seconds: int) -> dict[str, Any]:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0 and (seconds or unit == "h"):
            return {"span": seconds // size, "unit": unit}
    return {"counts": "raw"}


def _rule_parts(rule: Recurring) -> dict[str, Any] | None:
    if rule.workdays_only:
        return {"counts": "workdays", "at": rule.at}
    if rule.freq == "DAILY":
        return {"counts": "daily", "at": rule.at}
    if rule.freq == "WEEKLY":
        days = [NOTATION_DAYS[day] for day in rule.weekdays]
        return {"counts": "weekly", "weekday": days, "at": rule.at}
    if rule.freq == "MONTHLY" and len(rule.month_days) == 1 and not rule.months:
        return {"counts": "monthly", "month_day": rule.month_days[0], "at": rule.at}
    return None
