"""What somebody can give in a week beside what this week asks of her: for her own page and the staff list."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.capacity import capacities, minutes_by_day, monday_of


@dataclass(frozen=True)
class WeekTime:
    """Minutes: `given` a week (None: nobody said), `asked` from Monday to Sunday of this one."""

    given: int | None
    asked: int

    @property
    def is_over(self) -> bool:
        return self.given is not None and self.asked > self.given


def week_times(
    people: Collection[Person], zone: ZoneInfo, *, now: datetime
) -> dict[Person, WeekTime]:
    """This week of each of these people, over all runs. Queries: about 8, whatever the number.

    The caller has checked who may look.
    """
    monday = monday_of(now.astimezone(zone).date())
    load = minutes_by_day(people, monday, monday + timedelta(weeks=1), zone, now=now)
    asked: Counter[Person] = Counter()
    for (person, _day, _run), minutes in load.items():
        asked[person] += minutes
    given = capacities(people)
    return {person: WeekTime(given.get(person), asked[person]) for person in people}
