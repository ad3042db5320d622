"""Words for rewards."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class House(StrEnum):
    """Accounts of the house itself, one of each per community."""

    ISSUED = "issued"  # points come from here; its balance is below zero by what was ever issued
    SPENT = "spent"  # points return here when a member spends them


class Per(StrEnum):
    """How long a cap holds, in the community's local calendar."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"
    EVER = "ever"


@dataclass(frozen=True)
class Cap:
    """At most `times` payments of one rule to one member of one community, per period."""

    times: int
    per: Per

    def period(self, day: date) -> tuple[date, date]:
        """First and last local day of the period that `day` lies in."""
        if self.per is Per.DAY:
            return day, day
        if self.per is Per.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        if self.per is Per.MONTH:
            first = day.replace(day=1)
            return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return date.min, date.max
