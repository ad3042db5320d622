"""Working days and holidays: the Chinese calendar with a community's own days off. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chinese_calendar import constants

KNOWN_YEARS = frozenset(day.year for day in constants.holidays)  # published year by year
CHINA, WEEKDAYS_ONLY = "china", "weekdays"


@dataclass(frozen=True)
class Calendar:
    """Which days are working days and which are holidays. An ordinary weekend is neither.

    In years that are not published yet, and without the Chinese calendar, Monday to Friday are worked.
    """

    days_off: frozenset[date] = frozenset()
    is_chinese: bool = True
    workdays: frozenset[date] = frozenset()  # worked although they are a weekend or a holiday

    def is_holiday(self, day: date) -> bool:
        if day in self.days_off:
            return True
        return self.is_chinese and day in constants.holidays and day not in self.workdays

    def is_workday(self, day: date) -> bool:
        if self.is_holiday(day):
            return False
        if day in self.workdays:
            return True
        return day.weekday() < 5 or (self.is_chinese and day in constants.workdays)

    def next_workday(self, day: date) -> date:
        """The first working day after `day`; after a year off the day itself, so that it ends."""
        for days in range(1, 367):
            if self.is_workday(day + timedelta(days=days)):
                return day + timedelta(days=days)
        return day

    def unknown_years(self, since: date, until: date) -> list[int]:
        """Years between the days whose public holidays are not published yet."""
        years = range(since.year, until.year + 1)
        return [year for year in years if self.is_chinese and year not in KNOWN_YEARS]


HOUSE_CALENDAR = Calendar()


def calendar_from(settings: Mapping[str, Any]) -> Calendar:
    """The calendar a community's settings describe; what is unreadable there is left out.

    `days_off` lists its own days off ("2026-08-08"), `workdays` days that are worked all the same;
    `calendar: weekdays` leaves China's holidays out.
    """
    return Calendar(
        frozenset(_days(settings.get("days_off"))),
        settings.get("calendar", CHINA) != WEEKDAYS_ONLY,
        frozenset(_days(settings.get("workdays"))),
    )


def public_name(day: date, *, in_chinese: bool) -> str:
    """What a public holiday is called; empty on other days."""
    name = constants.holidays.get(day)
    if name is None:
        return ""
    return str(constants.Holiday(name).chinese) if in_chinese else str(name)


def _days(written: Any) -> Iterable[date]:
    for text in written if isinstance(written, list | tuple) else ():
        try:
            yield date.fromisoformat(str(text))
        except ValueError:
            continue
