"""A community's coming days that are not like the others: holidays, days off, worked weekends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from django.utils.translation import get_language

from chaguan.playbooks.workdays import Calendar, calendar_from, public_name

Kind = Literal["off", "worked", "public", "public_worked"]
LOOK_AHEAD = timedelta(days=180)


@dataclass(frozen=True)
class DaySpan:
    """Days in a row of one kind. `name` of a public holiday; own ones can be taken out again."""

    first: date
    last: date
    kind: Kind
    name: str = ""

    @property
    def is_own(self) -> bool:
        return self.kind in ("off", "worked")


def coming_spans(settings: Mapping[str, Any], today: date) -> Sequence[DaySpan]:
    """Half a year from `today`, days in a row together, and own days that lie later. No statement."""
    calendar = calendar_from(settings)
    until = today + LOOK_AHEAD
    days = [today + timedelta(days=n) for n in range(LOOK_AHEAD.days)]
    days += sorted(day for day in calendar.days_off | calendar.workdays if day >= until)
    spans: list[DaySpan] = []
    for one in (found for day in days for found in _told(calendar, day)):
        before = spans[-1] if spans else None
        follows = before is not None and before.last + timedelta(days=1) == one.first
        if before is not None and follows and (before.kind, before.name) == (one.kind, one.name):
            spans[-1] = replace(before, last=one.last)
        else:
            spans.append(one)
    return spans


def unpublished_from(settings: Mapping[str, Any], today: date) -> int | None:
    """The first year of the coming half whose public holidays are not known yet."""
    years = calendar_from(settings).unknown_years(today, today + LOOK_AHEAD)
    return years[0] if years else None


def _told(calendar: Calendar, day: date) -> Iterator[DaySpan]:
    if day in calendar.days_off:
        yield DaySpan(day, day, "off")
    elif day in calendar.workdays:
        yield DaySpan(day, day, "worked")
    elif calendar.is_holiday(day):
        in_chinese = not (get_language() or "").startswith("en")
        yield DaySpan(day, day, "public", public_name(day, in_chinese=in_chinese))
    elif day.weekday() > 4 and calendar.is_workday(day):
        yield DaySpan(day, day, "public_worked")
