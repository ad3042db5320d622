"""Recurrent promotions (循环推送) in a plan: which steps push, and how often on one day. Pure."""

from collections import Counter
from collections.abc import Iterable

from chaguan.playbooks.document import Step
from chaguan.playbooks.moments import Moment, Recurring, Repeat, Rule

DAY_S = 86_400
EVERY_DAY = tuple(range(7))


def promotes(step: Step) -> bool:
    """Whether the step sells or advertises: said so by its author, or it publishes offers."""
    offers = step.kind == "publish" and step.with_.get("what", "offer") == "offer"
    return step.promotion or offers


def recurs(step: Step) -> bool:
    """Whether it comes again and again by the calendar or every so often."""
    return any(isinstance(moment, Recurring | Rule | Repeat) for moment in step.moment.moments)


def pushes_a_day(steps: Iterable[Step]) -> int:
    """The most promotions that recurring steps make on one day of the week."""
    days: Counter[int] = Counter()
    for step in steps:
        if promotes(step):
            for day in EVERY_DAY:
                days[day] += sum(_times(moment, day) for moment in step.moment.moments)
    return max(days.values(), default=0)


def is_hourly(step: Step) -> bool:
    """Whether one step alone comes several times a day: what is missed is not made up for."""
    return promotes(step) and pushes_a_day([step]) > 1


def _times(moment: Moment, weekday: int) -> int:
    """How often on such a day. Rules of months and years count nothing: their days seldom meet."""
    if isinstance(moment, Repeat):
        a_day = max(1, DAY_S // moment.seconds)
        if moment.last is None:
            return a_day
        return min(a_day, (moment.last.seconds - moment.first.seconds) // moment.seconds + 1)
    if isinstance(moment, Recurring):
        if moment.freq == "WEEKLY":
            return int(weekday in moment.weekdays)
        return int(moment.freq == "DAILY" and not (moment.workdays_only and weekday > 4))
    if isinstance(moment, Rule):
        return int("FREQ=DAILY" in moment.rrule or "FREQ=WEEKLY" in moment.rrule)
    return 0
