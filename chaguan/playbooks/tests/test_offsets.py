from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from chaguan.playbooks.offsets import (
    BadOffset,
    Day,
    Deadline,
    Delta,
    Moment,
    Offset,
    Recurring,
    Repeat,
    Rule,
    Span,
    Trigger,
    parse_offset,
)
from chaguan.playbooks.schedule import Anchor, dated, local_instant, moved_by_days

NOTATION: dict[str, list[Moment]] = {
    "D3 08:00": [Day("D", 2, time(8))],
    "D-2 12:00": [Day("D", -2, time(12))],
    "D0 19:00": [Day("D", -1, time(19))],
    "H+6": [Delta("H", 6 * 3600)],
    "H-72": [Delta("H", -72 * 3600)],
    "E-1h": [Delta("E", -3600)],
    "E-1d 20:00": [Day("E", -1, time(20))],
    "J+10m": [Delta("J", 600)],
    "P1 J+5m": [Delta("J", 300)],
    "J+1d 12:00": [Day("J", 1, time(12))],
    "P2 09:00": [Day("P", 1, time(9))],
    "T+24h": [Delta("T", 86400)],
    "D2–D4 08:00": [Day("D", n, time(8)) for n in (1, 2, 3)],
    "D3 20:00, D5 20:00": [Day("D", 2, time(20)), Day("D", 4, time(20))],
    "D8–D9": [Span("D", 7, 8)],
    "daily 08:00": [Recurring("DAILY", time(8))],
    "daily 11:00–12:00": [Recurring("DAILY", time(11), closes=time(12))],
    "weekdays 08:00": [Recurring("WEEKLY", time(8), (0, 1, 2, 3, 4))],
    "workdays 08:00": [Recurring("DAILY", time(8), workdays_only=True)],
    "weekly Tue 20:00–21:00": [Recurring("WEEKLY", time(20), (1,), closes=time(21))],
    "rrule:FREQ=MONTHLY;BYDAY=2TU 20:00": [Rule("FREQ=MONTHLY;BYDAY=2TU", time(20))],
    "weekly Tue 20:00": [Recurring("WEEKLY", time(20), (1,))],
    "Tue, Thu 20:30": [Recurring("WEEKLY", time(20, 30), (1, 3))],
    "monthly 1 10:00": [Recurring("MONTHLY", time(10), month_days=(1,))],
    "quarterly 5 10:00": [Recurring("MONTHLY", time(10), month_days=(5,), months=(3, 6, 9, 12))],
    "yearly 06-01 10:00": [Recurring("YEARLY", time(10), month_days=(1,), months=(6,))],
    "D31 onwards, max. 2 a week": [Recurring("WEEKLY", time(10), (1, 3), from_day=30)],
    "every 30m H+0…H+46": [Repeat(1800, Delta("H", 0), Delta("H", 46 * 3600))],
    "every 4h from T+2h": [Repeat(14400, Delta("T", 7200), None)],
    "on:silence_4h": [Trigger("silence_4h")],
    "on:silence_4h 09:00–21:00": [Trigger("silence_4h", 0, (time(9), time(21)))],
    "on:appeal +72h": [Trigger("appeal", 72 * 3600)],
    "within 24h of on:submission": [Deadline(86400, Trigger("submission"))],
    "within 24h of on:submission, D2–D6": [Deadline(86400, Trigger("submission"), (1, 5))],
    "until T+7d": [Deadline(7 * 86400, None)],
}


@pytest.mark.parametrize("text", NOTATION)
def test_notation_is_read(text: str) -> None:
    assert parse_offset(text) == Offset(text, tuple(NOTATION[text]))
    assert list(parse_offset(text).moments) == NOTATION[text]


@pytest.mark.parametrize(
    "text",
    ["", "D3 25:00", "8:00", "weekly 20:00", "J+5", "D5–D2 08:00", "monthly 40 10:00", "on:"],
)
def test_what_is_not_in_the_notation_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadOffset) as refusal:
        parse_offset(text)

    assert len(str(refusal.value)) > 10


def test_a_time_that_daylight_saving_leaves_out_moves_forward() -> None:
    new_york = ZoneInfo("America/New_York")

    assert local_instant(date(2026, 3, 8), time(2, 30), new_york).astimezone(
        new_york
    ).time() == time(3, 30)


def test_of_a_time_that_comes_twice_the_first_counts() -> None:
    new_york = ZoneInfo("America/New_York")

    at = local_instant(date(2026, 11, 1), time(1, 30), new_york)

    assert at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_moving_by_days_keeps_the_local_time_over_a_change_of_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = local_instant(date(2026, 3, 28), time(8), berlin)

    after = moved_by_days(before, 1, berlin)

    assert after.astimezone(berlin) == datetime(2026, 3, 29, 8, tzinfo=berlin)
    assert (after - before).total_seconds() == 23 * 3600


def test_a_rule_of_the_calendar_stays_inside_the_run() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    begin = date(2026, 1, 5)
    anchor = Anchor(begin, local_instant(begin, time(10), shanghai), shanghai, days=7)

    found = dated(
        parse_offset("weekdays 08:00").moments[0], anchor, since=begin, until=date(2026, 3, 1)
    )

    assert [d.due_at.astimezone(shanghai).day for d in found] == [5, 6, 7, 8, 9]
