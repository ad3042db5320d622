"""Offsets to instants against an independent oracle, for every IANA zone, 2024 to 2037.

The oracle knows nothing of our code: it goes through the real seconds of a local day, asks the zone what its
clocks show, and takes the first second that shows the wanted time. Only where no second shows it, it adds
the gap that the clocks jump over. Days are counted one by one, months by looking at every day.
"""

import os
from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chaguan.playbooks.moments import Day, Delta, Moment, Recurring, Repeat, Rule, Span
from chaguan.playbooks.offsets import WEEKDAYS, parse_offset
from chaguan.playbooks.schedule import Anchor, dated, local_instant, moved_by_days, personal

ZONES = sorted(available_timezones() - {"localtime"})
FIRST, LAST = date(2024, 1, 1), date(2037, 12, 31)
EPOCH = datetime(1970, 1, 1)


# ---- the oracle -------------------------------------------------------------------------------------


def clocks_show(instant_s: int, zone: ZoneInfo) -> datetime:
    """What the zone's clocks show at a real second."""
    offset = datetime.fromtimestamp(instant_s, zone).utcoffset()
    assert offset is not None
    return EPOCH + timedelta(seconds=instant_s) + offset


def oracle_instant(day: date, at: time, zone: ZoneInfo) -> int:
    """The first real second that shows the local time; else the local time moved by the gap.

    Looks at every quarter of an hour around the day, then at every minute of the stretch in question: all
    zones since 1972 change by whole minutes.
    """
    wanted = datetime.combine(day, at)
    middle = int((wanted - EPOCH).total_seconds())
    begin, end = middle - 26 * 3600, middle + 26 * 3600
    before = clocks_show(begin, zone)
    for quarter in range(begin, end, 900):
        after = clocks_show(quarter + 900, zone)
        if before <= wanted <= after or after < before + timedelta(minutes=15):
            for minute in range(quarter, quarter + 901, 60):
                if clocks_show(minute, zone) == wanted:
                    return minute
        before = after
    return _after_the_gap(begin, end, wanted, zone)


def _after_the_gap(begin: int, end: int, wanted: datetime, zone: ZoneInfo) -> int:
    """The clocks jump over the wanted time: as long after the jump as it is after the jump's beginning."""
    for minute in range(begin, end, 60):
        before, after = clocks_show(minute, zone), clocks_show(minute + 60, zone)
        if before < wanted < after:
            beginning = before + timedelta(minutes=1)  # what clocks would have shown at the jump
            return minute + 60 + int((wanted - beginning).total_seconds())
    raise AssertionError("no second of these days shows the time, and nothing jumps over it")


def oracle_days(moment: Recurring, since: date, until: date) -> list[date]:
    """Every day looked at on its own."""
    found, day = [], since
    while day <= until:
        fits = not moment.weekdays or day.weekday() in moment.weekdays
        fits = fits and (not moment.month_days or day.day in moment.month_days)
        if fits and (not moment.months or day.month in moment.months):
            found.append(day)
        day = date.fromordinal(day.toordinal() + 1)
    return found


def days_after(day: date, n: int) -> date:
    """Counted one by one over months and leap years, without the library's arithmetic."""
    year, month, number = day.year, day.month, day.day
    for _step in range(abs(n)):
        number += 1 if n > 0 else -1
        if number > length_of(year, month):
            month, number = month + 1, 1
            year, month = (year + 1, 1) if month == 13 else (year, month)
        elif number == 0:
            month -= 1
            year, month = (year - 1, 12) if month == 0 else (year, month)
            number = length_of(year, month)
    return date(year, month, number)


def length_of(year: int, month: int) -> int:
    if month == 2:
        return 29 if isleap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


# ---- every zone, around every change of its clocks --------------------------------------------------


@lru_cache(maxsize=1024)
def changes_of(name: str) -> tuple[int, ...]:
    """The hours in which the zone's offset changes, 2024 to 2037: looked for month by month, then by hour."""
    zone = ZoneInfo(name)
    first, last = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (2024, 2038))
    found = []
    step = 5 * 86400
    for begin in range(first, last, step):
        if _offset(begin, zone) != _offset(begin + step, zone):
            found += [
                hour
                for hour in range(begin, begin + step, 3600)
                if _offset(hour, zone) != _offset(hour + 3600, zone)
            ]
    return tuple(found)


def _offset(instant_s: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(instant_s, zone).utcoffset()


def agrees(day: date, at: time, zone: ZoneInfo) -> bool:
    return int(local_instant(day, at, zone).timestamp()) == oracle_instant(day, at, zone)


def disagreements(name: str, changes: tuple[int, ...], minutes: tuple[int, ...]) -> list[str]:
    """Local times around each change that the code dates otherwise than the oracle."""
    zone = ZoneInfo(name)
    found = []
    for hour in changes:
        local = clocks_show(hour, zone)
        for shift in minutes:
            wanted = (local + timedelta(minutes=shift)).replace(second=0)
            if not agrees(wanted.date(), wanted.time(), zone):
                found.append(f"{name} {wanted:%Y-%m-%d %H:%M}")
    return found


def test_every_zone_dates_local_times_around_its_changes_like_the_oracle() -> None:
    """The last two changes of every zone; zones that change alike are looked at once."""
    looked_at: set[tuple[object, ...]] = set()
    wrong = []
    for name in ZONES:
        changes = changes_of(name)[-2:]
        zone = ZoneInfo(name)
        alike = (changes, *(_offset(hour, zone) for hour in changes), _offset(0, zone))
        if changes and alike not in looked_at:
            looked_at.add(alike)
            wrong += disagreements(name, changes, (-30, 15, 45, 75, 150))

    assert len(ZONES) > 480
    assert len(looked_at) > 30
    assert wrong == []


@pytest.mark.skipif("CHAGUAN_ALL_TIMES" not in os.environ, reason="set CHAGUAN_ALL_TIMES=1")
def test_every_change_of_every_zone_agrees_with_the_oracle() -> None:
    wrong = []
    for name in ZONES:
        wrong += disagreements(name, changes_of(name), (-90, -30, 0, 15, 30, 45, 59, 60, 75, 150))

    assert wrong == []


@given(
    st.sampled_from(ZONES),
    st.dates(FIRST, LAST),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
@example("America/New_York", date(2026, 3, 8), time(2, 30))
@example("Australia/Lord_Howe", date(2026, 10, 4), time(2, 10))  # a jump of half an hour
@example("America/Sao_Paulo", date(2028, 2, 29), time(0, 0))
@example("Africa/Cairo", date(2026, 4, 24), time(0, 30))  # midnight itself is left out
@example("Asia/Beirut", date(2026, 3, 29), time(0, 0))
@example("Antarctica/Troll", date(2026, 3, 29), time(2, 0))  # a jump of two hours
@example("Africa/Casablanca", date(2026, 2, 15), time(2, 30))
@example("America/Nuuk", date(2026, 3, 28), time(23, 30))
@settings(max_examples=150, deadline=None)
def test_any_local_time_of_any_zone_agrees_with_the_oracle(name: str, day: date, at: time) -> None:
    assert agrees(day, at, ZoneInfo(name))


# ---- the notation -----------------------------------------------------------------------------------

CLOCK = st.times().map(lambda at: f"{at.hour:02d}:{at.minute:02d}")
OFFSETS = st.one_of(
    st.builds("D{} {}".format, st.integers(-40, 400).filter(bool), CLOCK),
    st.builds("E{:+d}d {}".format, st.integers(-40, 40), CLOCK),
    st.builds(
        "{}{:+d}{}".format, st.sampled_from("HE"), st.integers(-500, 500), st.sampled_from("mhd")
    ),
    st.builds("D{0}–D{0}".format, st.integers(1, 60)),
    st.builds("daily {}".format, CLOCK),
    st.builds("weekdays {}".format, CLOCK),
    st.builds(
        "weekly {} {}".format,
        st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4).map(" ".join),
        CLOCK,
    ),
    st.builds("monthly {} {}".format, st.integers(1, 31), CLOCK),
    st.builds("quarterly {} {}".format, st.integers(1, 31), CLOCK),
    st.builds("yearly {} {}".format, st.sampled_from(["02-29", "06-01", "12-31"]), CLOCK),
    st.builds("D{} onwards, max {} a week {}".format, st.integers(1, 40), st.integers(1, 7), CLOCK),
    st.builds("every {}m H+0…H+46".format, st.integers(30, 200)),
)


def oracle_dated(moment: Moment, at: Anchor, until: date) -> list[int]:
    """When a moment of a room comes, by the howto's words."""
    zone, event_s = at.zone, int((at.event_at or at.starts_at).timestamp())
    start_s = oracle_instant(at.starts_on, time(10), zone)
    if isinstance(moment, Day):
        base = clocks_show(event_s, zone).date() if moment.base == "E" else at.starts_on
        return [oracle_instant(days_after(base, moment.n), moment.at, zone)]
    if isinstance(moment, Delta):
        return [(event_s if moment.base == "E" else start_s) + moment.seconds]
    if isinstance(moment, Span):
        return [oracle_instant(days_after(at.starts_on, moment.first), time(9), zone)]
    if isinstance(moment, Repeat):
        return list(range(start_s, start_s + 46 * 3600 + 1, moment.seconds))
    assert isinstance(moment, Recurring)
    begin = days_after(at.starts_on, moment.from_day)
    return [oracle_instant(day, moment.at, zone) for day in oracle_days(moment, begin, until)]


@given(
    st.sampled_from(ZONES),
    st.dates(FIRST, LAST),
    OFFSETS,
    st.datetimes(datetime(2024, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)),
)
@example("Europe/Berlin", date(2028, 2, 27), "D3 08:00", datetime(2028, 3, 1, tzinfo=UTC))
@example("Asia/Shanghai", date(2028, 2, 20), "yearly 02-29 10:00", datetime(2028, 3, 1, tzinfo=UTC))
@settings(max_examples=60, deadline=None)
def test_any_offset_in_any_zone_is_dated_like_the_oracle(
    name: str, first: date, offset: str, event_at: datetime
) -> None:
    zone = ZoneInfo(name)
    at = Anchor(first, local_instant(first, time(10), zone), zone, event_at.replace(microsecond=0))
    until = days_after(first, 45)
    (moment,) = parse_offset(offset).moments

    found = [
        int(one.due_at.timestamp())
        for one in dated(moment, at, since=first, until=until, holidays="keep")
    ]

    assert found == oracle_dated(moment, at, until)


@given(st.sampled_from(ZONES), st.dates(FIRST, LAST), st.integers(0, 60), st.integers(1, 90), CLOCK)
@example("Europe/London", date(2027, 12, 30), 60, 30, "09:00")
@settings(max_examples=60, deadline=None)
def test_a_person_s_own_days_are_dated_like_the_oracle(
    name: str, first: date, came_after: int, n: int, clock: str
) -> None:
    zone = ZoneInfo(name)
    at = Anchor(first, local_instant(first, time(10), zone), zone)
    day = days_after(first, came_after)
    (moment,) = parse_offset(f"P{n} {clock}").moments
    (later,) = parse_offset(f"J+{n}d {clock}").moments

    (found,) = personal(moment, at, day)
    (joined,) = personal(later, at, day)

    wanted = time.fromisoformat(clock)
    assert found.at_s == oracle_instant(days_after(day, n - 1), wanted, zone)
    assert joined.at_s == oracle_instant(days_after(day, n), wanted, zone)


@given(
    st.dates(FIRST, LAST),
    st.integers(1, 5),
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]),
    st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)
def test_a_rule_with_interval_and_count_falls_on_the_days_one_counts_by_hand(
    first: date, interval: int, weekday: str, nth: int
) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    at = Anchor(first, local_instant(first, time(10), zone), zone)
    until = days_after(first, 130)
    number = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].index(weekday)

    def days(rule: str) -> list[date]:
        moment = Rule(rule, time(20))
        found = dated(moment, at, since=first, until=until, holidays="keep")
        return [one.due_at.astimezone(zone).date() for one in found]

    begins = first.toordinal() - first.weekday()  # the Monday of the first week
    every = [
        day
        for day in (days_after(first, n) for n in range(131))
        if day.weekday() == number and (day.toordinal() - begins) // 7 % interval == 0
    ]
    of_month = [
        day
        for day in (days_after(first, n) for n in range(131))
        if day.weekday() == number and (day.day - 1) // 7 == nth - 1
    ]
    assert days(f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={weekday};COUNT=4") == every[:4]
    assert days(f"FREQ=MONTHLY;BYDAY={nth}{weekday}") == of_month


@given(st.sampled_from(ZONES), st.dates(FIRST, LAST), CLOCK, st.integers(-30, 30))
@settings(max_examples=60, deadline=None)
def test_moving_by_days_is_the_oracle_s_local_time_on_the_other_day(
    name: str, day: date, clock: str, days: int
) -> None:
    zone = ZoneInfo(name)
    start_s = oracle_instant(day, time.fromisoformat(clock), zone)
    shown = clocks_show(start_s, zone)

    moved = moved_by_days(datetime.fromtimestamp(start_s, UTC), days, zone)

    wanted = oracle_instant(days_after(shown.date(), days), shown.time(), zone)
    assert int(moved.timestamp()) == wanted
