"""Offsets to instants. Pure: zones and days in, aware instants in UTC out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule

from chaguan.playbooks.moments import Day, Deadline, Delta, Moment, Recurring, Repeat, Rule, Span
from chaguan.playbooks.rules import days_of, freq_of
from chaguan.playbooks.workdays import HOUSE_CALENDAR, Calendar

_FREQ: Mapping[str, Literal[0, 1, 2, 3]] = {
    "DAILY": DAILY,
    "WEEKLY": WEEKLY,
    "MONTHLY": MONTHLY,
    "YEARLY": YEARLY,
}
HORIZON_DAYS = 14  # open-ended calendars are laid out this far ahead
MAX_DATED = 5000  # dated steps of one run; more is a mistake in the playbook


@dataclass(frozen=True)
class Anchor:
    """Where a run stands in time: D1, H+0, E, the zone, and its first and last local day."""

    starts_on: date
    starts_at: datetime
    zone: ZoneInfo
    event_at: datetime | None = None
    days: int | None = None
    began_on: date | None = None  # D1 before the run was moved: rules of RFC 5545 count from it
    calendar: Calendar = HOUSE_CALENDAR

    @property
    def last_day(self) -> date | None:
        return self.starts_on + timedelta(days=self.days - 1) if self.days else None


@dataclass(frozen=True)
class Dated:
    """One moment of one step as an instant. `slot` is the same whenever it is computed again."""

    slot: str
    due_at: datetime
    closes_at: datetime | None = None
    is_calendar: bool = False
    left_out: str = ""  # why it does not come: "holiday"


def holiday_rule(moment: Moment, said: str | None) -> str:
    """`keep`, `shift` or `skip`: what the author said, where it counts, else the library's default.

    Weekly, monthly, quarterly and yearly steps make way for holidays; what comes on five days a week or
    more is daily and stays.
    """
    if isinstance(moment, Recurring):
        is_daily = moment.freq == "DAILY" or len(moment.weekdays) >= 5
    elif isinstance(moment, Rule):
        is_daily = freq_of(moment.rrule) == "DAILY"
    elif isinstance(moment, Day) and moment.base == "D":
        is_daily = True
    else:
        return "keep"
    return said or ("keep" if is_daily else "shift")


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a local day and time, in UTC.

    A time that daylight saving leaves out moves forward by the gap; of a time that comes twice, the first.
    """
    return datetime.combine(day, at, tzinfo=zone).replace(fold=0).astimezone(UTC)


def moved_by_days(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same local time so many days later."""
    local = instant.astimezone(zone)
    return local_instant(local.date() + timedelta(days=days), local.time(), zone)


def seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def from_seconds(value: int) -> datetime:
    return datetime.fromtimestamp(value, UTC)


def dated(
    moment: Moment, anchor: Anchor, *, since: date, until: date, holidays: str | None = None
) -> Iterator[Dated]:
    """The instants of a moment of a room track. `holidays` is what the author said about them.

    `since` and `until` bound only the rules of the calendar; all other moments are given whole.
    Triggers and moments without their anchor give none. What is left out over a holiday is given too.
    """
    rule = holiday_rule(moment, holidays)
    if isinstance(moment, Day):
        base = _base_day(moment.base, anchor)
        if base is not None:
            day = base + timedelta(days=moment.n)
            is_off = rule != "keep" and anchor.calendar.is_holiday(day)
            if is_off and rule == "shift":
                day = anchor.calendar.next_workday(day)
            at = local_instant(day, moment.at, anchor.zone)
            slot = f"{moment.base}{moment.n:+d}@{moment.at:%H%M}"
            yield Dated(slot, at, left_out="holiday" if is_off and rule == "skip" else "")
    elif isinstance(moment, Delta):
        start = _base_instant(moment.base, anchor)
        if start is not None:
            yield Dated(
                f"{moment.base}{moment.seconds:+d}", start + timedelta(seconds=moment.seconds)
            )
    elif isinstance(moment, Span):
        opens = local_instant(
            anchor.starts_on + timedelta(days=moment.first), moment.opens, anchor.zone
        )
        closes = local_instant(
            anchor.starts_on + timedelta(days=moment.last), moment.closes, anchor.zone
        )
        yield Dated(f"{moment.base}{moment.first:+d}..{moment.last:+d}", opens, closes)
    elif isinstance(moment, Repeat):
        yield from _repeated(moment, anchor)
    elif isinstance(moment, Deadline) and moment.trigger is None:
        closes = anchor.starts_at + timedelta(seconds=moment.within_s)
        yield Dated(f"T..{moment.within_s:+d}", anchor.starts_at, closes)
    elif isinstance(moment, Recurring | Rule):
        yield from _by_calendar(moment, anchor, since, until, rule)


def _base_day(base: str, anchor: Anchor) -> date | None:
    if base == "E":
        return anchor.event_at.astimezone(anchor.zone).date() if anchor.event_at else None
    return anchor.starts_on if base in ("D", "P", "J", "T") else None


def _base_instant(base: str, anchor: Anchor) -> datetime | None:
    if base == "E":
        return anchor.event_at
    return anchor.starts_at if base in ("H", "T") else None


def _repeated(moment: Repeat, anchor: Anchor) -> Iterator[Dated]:
    start = _base_instant(moment.first.base, anchor)
    if start is None:
        return
    last = moment.last.seconds if moment.last else (anchor.days or HORIZON_DAYS) * 86400
    for seconds_after in range(moment.first.seconds, last + 1, moment.seconds):
        slot = f"{moment.first.base}{seconds_after:+d}"
        yield Dated(slot, start + timedelta(seconds=seconds_after))


def _by_calendar(
    moment: Recurring | Rule, anchor: Anchor, since: date, until: date, holidays: str
) -> Iterator[Dated]:
    for day in _calendar_days(moment, anchor, since, until):
        on, left_out = day, ""
        if holidays != "keep" and anchor.calendar.is_holiday(day):
            on = anchor.calendar.next_workday(day) if holidays == "shift" else day
            meets = _calendar_days(moment, anchor, day + timedelta(days=1), on)
            if on == day or next(meets, None) is not None:
                left_out = "holiday"
        closes = local_instant(on, moment.closes, anchor.zone) if moment.closes else None
        due = local_instant(on, moment.at, anchor.zone)
        slot = f"{day.isoformat()}@{moment.at:%H%M}"
        yield Dated(slot, due, closes, is_calendar=True, left_out=left_out)


def _calendar_days(
    moment: Recurring | Rule, anchor: Anchor, since: date, until: date
) -> Iterator[date]:
    """The days the rule names, inside the run, before anything is moved for a holiday."""
    begins = anchor.starts_on + timedelta(days=getattr(moment, "from_day", 0))
    first = max(since, begins)
    last = min(until, anchor.last_day) if anchor.last_day else until
    if last < first:
        return
    if isinstance(moment, Rule):
        yield from days_of(moment.rrule, anchor.began_on or anchor.starts_on, first, last)
        return
    rule = rrule(
        _FREQ[moment.freq],
        dtstart=datetime.combine(first, time()),
        until=datetime.combine(last, time()),
        byweekday=moment.weekdays or None,
        bymonthday=moment.month_days or None,
        bymonth=moment.months or None,
    )
    for day in (found.date() for found in rule):
        if not moment.workdays_only or anchor.calendar.is_workday(day):
            yield day


@dataclass(frozen=True)
class PersonalMoment:
    """One moment of a personal step for a cohort: a fixed instant, or seconds after joining or a wait."""

    at_s: int | None = None
    after_s: int | None = None
    closes_s: int | None = None  # to be done so many seconds after it comes


def personal(moment: Moment, anchor: Anchor, day: date) -> Iterator[PersonalMoment]:
    """The moments of a personal step for people whose first local day is `day`. T counts from a wait."""
    if isinstance(moment, Day) and moment.base in ("P", "J", "T"):
        at = local_instant(day + timedelta(days=moment.n), moment.at, anchor.zone)
        yield PersonalMoment(at_s=seconds(at))
    elif isinstance(moment, Span) and moment.base == "P":
        at = local_instant(day + timedelta(days=moment.first), moment.opens, anchor.zone)
        closes = local_instant(day + timedelta(days=moment.last), moment.closes, anchor.zone)
        yield PersonalMoment(at_s=seconds(at), closes_s=seconds(closes) - seconds(at))
    elif isinstance(moment, Delta) and moment.base in ("J", "T"):
        yield PersonalMoment(after_s=moment.seconds)
    elif isinstance(moment, Deadline) and moment.trigger is None:
        yield PersonalMoment(after_s=0, closes_s=moment.within_s)
    elif isinstance(moment, Repeat) and moment.first.base == "T":
        last = moment.last.seconds if moment.last else (anchor.days or HORIZON_DAYS) * 86400
        for after_s in range(moment.first.seconds, last + 1, moment.seconds):
            yield PersonalMoment(after_s=after_s)
    elif isinstance(moment, Day | Delta | Span | Repeat):
        for found in dated(moment, anchor, since=day, until=day):
            yield PersonalMoment(at_s=seconds(found.due_at))
