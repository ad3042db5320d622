"""Periods are local, whole and complete, whatever the clocks do."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from chaguan.insights.periods import (
    edges_of,
    first_days,
    instant,
    instant_us,
    local_us,
    midnight_us,
    periods_of,
    previous_first_day,
)
from chaguan.insights.types import Asked, Every


def test_weeks_start_on_monday_and_months_on_the_first() -> None:
    saturday, until = date(2022, 1, 1), date(2022, 2, 1)

    weeks = first_days(saturday, until, Every.WEEK)
    months = first_days(saturday, until, Every.MONTH)

    assert weeks == [date(2021, 12, 27), *(date(2022, 1, d) for d in (3, 10, 17, 24, 31))]
    assert months == [date(2022, 1, 1), date(2022, 2, 1)]
    assert previous_first_day(date(2022, 3, 1), Every.MONTH) == date(2022, 2, 1)
    assert previous_first_day(date(2022, 1, 3), Every.WEEK) == date(2021, 12, 27)


def test_first_and_last_period_are_cut_to_the_range() -> None:
    asked = Asked((1,), date(2022, 1, 5), date(2022, 1, 11), Every.WEEK, "UTC")

    edges = [instant(int(us)) for us in edges_of(asked)]

    assert periods_of(asked) == [date(2022, 1, 3), date(2022, 1, 10)]
    assert edges == [datetime(2022, 1, day, tzinfo=UTC) for day in (5, 10, 12)]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 1), 24)]
)
def test_days_have_as_many_hours_as_the_clock_shows(day: date, hours: int) -> None:
    asked = Asked((1,), day, day, Every.DAY, "America/New_York")

    begin, end = edges_of(asked)

    assert (end - begin) / 3_600_000_000 == hours


def test_a_midnight_that_is_skipped_is_the_moment_of_the_skip() -> None:
    # Source: IANA tzdata, Africa/Cairo 2026: clocks go from 24:00 on April 23rd to 01:00
    assert instant(midnight_us(date(2026, 4, 24), "Africa/Cairo")) == datetime(
        2026, 4, 23, 22, tzinfo=UTC
    )


def test_local_instants_change_their_offset_at_the_minute() -> None:
    change = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # 02:00 becomes 03:00 in New York
    at = np.array([instant_us(change) - 1, instant_us(change)], dtype=np.int64)

    shown = [instant(int(us)) for us in local_us(at, "America/New_York")]

    assert shown[0] == datetime(2026, 3, 8, 1, 59, 59, 999999, tzinfo=UTC)
    assert shown[1] == datetime(2026, 3, 8, 3, 0, tzinfo=UTC)
