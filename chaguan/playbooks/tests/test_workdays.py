"""Working days, holidays and rules of RFC 5545: what is laid out, moved and left out."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.testing import make_community, make_room
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.actions.runs import shift_run
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.clock import extend_runs
from chaguan.playbooks.models import Occurrence, Run
from chaguan.playbooks.offsets import parse_offset
from chaguan.playbooks.schedule import Anchor, dated, local_instant
from chaguan.playbooks.selectors.holidays import unpublished_years
from chaguan.playbooks.testing import SYSTEM, live_through, make_document, make_run, make_step
from chaguan.playbooks.workdays import Calendar, calendar_from

ZONE = ZoneInfo("Asia/Shanghai")
CHINA = Calendar()


def anchor(first: date, calendar: Calendar = CHINA, days: int | None = None) -> Anchor:
    return Anchor(first, local_instant(first, time(10), ZONE), ZONE, days=days, calendar=calendar)


def days_of(
    offset: str, first: date, last: date, *, holidays: str | None = None, **over: Any
) -> list[str]:
    """Local days that come, as 10-09; those left out stand in brackets."""
    found = []
    for moment in parse_offset(offset).moments:
        for one in dated(moment, anchor(first, **over), since=first, until=last, holidays=holidays):
            day = f"{one.due_at.astimezone(ZONE):%m-%d}"
            found.append(f"[{day}]" if one.left_out else day)
    return found


def test_working_days_follow_the_chinese_calendar_with_worked_weekends() -> None:
    # 2026: 1 to 7 October are off, and Saturday 10 October is worked for them.
    found = days_of("workdays 08:00", date(2026, 9, 28), date(2026, 10, 12))

    assert found == ["09-28", "09-29", "09-30", "10-08", "10-09", "10-10", "10-12"]


def test_a_year_that_is_not_published_yet_works_monday_to_friday() -> None:
    found = days_of("workdays 08:00", date(2099, 10, 1), date(2099, 10, 7))

    assert found == ["10-01", "10-02", "10-05", "10-06", "10-07"]
    assert CHINA.unknown_years(date(2026, 12, 1), date(2099, 1, 1))[-1] == 2099
    assert CHINA.unknown_years(date(2025, 1, 1), date(2026, 12, 31)) == []


def test_a_community_has_days_off_of_its_own_and_may_leave_the_chinese_calendar() -> None:
    own = calendar_from({"days_off": ["2026-10-09", "soon"], "calendar": "weekdays"})

    found = days_of("workdays 08:00", date(2026, 10, 6), date(2026, 10, 12), calendar=own)

    assert found == ["10-06", "10-07", "10-08", "10-12"]
    assert own.unknown_years(date(2099, 1, 1), date(2099, 1, 1)) == []


@pytest.mark.parametrize(
    ("offset", "holidays", "expected"),
    [
        ("weekly Fri 20:00", None, ["10-08", "10-09"]),  # 2 October is a holiday
        ("weekly Fri 20:00", "keep", ["10-02", "10-09"]),
        ("weekly Fri 20:00", "skip", ["[10-02]", "10-09"]),
        ("weekly Sat 20:00", None, ["10-08", "10-10"]),  # a Saturday that is worked stays
        ("Tue, Thu 20:30", None, ["09-29", "[10-08]", "[10-08]", "10-08"]),  # three meet on the 8th
        ("monthly 1 10:00", None, ["10-08"]),
        ("yearly 10-01 10:00", None, ["10-08"]),
        ("rrule:FREQ=MONTHLY;BYDAY=1FR 20:00", None, ["10-08"]),
        ("rrule:FREQ=DAILY;INTERVAL=3 20:00", None, ["09-28", "10-01", "10-04", "10-07", "10-10"]),
        (
            "rrule:FREQ=DAILY;INTERVAL=3 20:00",
            "shift",
            ["09-28", "[10-08]", "[10-08]", "10-08", "10-10"],
        ),
        (
            "daily 08:00",
            "skip",
            ["09-28", "09-29", "09-30"]
            + [f"[10-0{n}]" for n in range(1, 8)]
            + ["10-08", "10-09", "10-10"],
        ),
        (
            "weekdays 08:00",
            None,
            [
                "09-28",
                "09-29",
                "09-30",
                "10-01",
                "10-02",
                "10-05",
                "10-06",
                "10-07",
                "10-08",
                "10-09",
            ],
        ),
    ],
)
def test_what_a_holiday_does_to_a_rule(
    offset: str, holidays: str | None, expected: list[str]
) -> None:
    assert days_of(offset, date(2026, 9, 28), date(2026, 10, 10), holidays=holidays) == expected


def test_an_ordinary_weekend_is_no_holiday() -> None:
    assert days_of("weekly Sat 20:00", date(2026, 3, 2), date(2026, 3, 15)) == ["03-07", "03-14"]


def test_a_day_of_the_run_moves_only_if_the_author_says_so() -> None:
    first = date(2026, 9, 30)

    assert days_of("D3 08:00", first, first) == ["10-02"]
    assert days_of("D3 08:00", first, first, holidays="shift") == ["10-08"]
    assert days_of("D3 08:00", first, first, holidays="skip") == ["[10-02]"]
    assert days_of("H+48, T+48h", first, first, holidays="skip") == ["10-02", "10-02"]


def test_a_moved_date_is_the_same_row_however_the_calendar_is_laid_out() -> None:
    (moment,) = parse_offset("weekly Thu 20:00").moments
    first, at = date(2026, 9, 28), anchor(date(2026, 9, 28))
    whole = list(dated(moment, at, since=first, until=date(2026, 10, 31)))

    pieces = {
        (one.slot, one.due_at, one.left_out)
        for n in range(34)
        for one in dated(
            moment, at, since=first + timedelta(days=n), until=first + timedelta(days=n)
        )
    }

    assert pieces == {(one.slot, one.due_at, one.left_out) for one in whole}
    assert len({one.slot for one in whole}) == len(whole) == 5


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU", ["09-08", "10-13", "11-10"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", ["09-07", "09-09", "09-14"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;UNTIL=20261024", ["09-12", "09-26", "10-10", "10-24"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["09-30", "10-30", "11-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["10-31"]),
    ],
)
def test_rules_of_rfc_5545_come_on_their_days(rule: str, expected: list[str]) -> None:
    found = days_of(f"rrule:{rule} 20:00", date(2026, 9, 7), date(2026, 11, 30), holidays="keep")

    assert found == expected


@pytest.mark.django_db
def test_a_counted_rule_ends_though_it_is_laid_out_piece_by_piece() -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=ZONE)
    run = make_run(make_step(offset="rrule:FREQ=WEEKLY;BYDAY=MO;COUNT=5 20:00"), now=start)

    for day in range(0, 60, 3):
        extend_runs(start + timedelta(days=day))

    slots = Occurrence.objects.filter(run=run).order_by("due_at").values_list("slot", flat=True)
    assert list(slots) == [
        "2026-03-02@2000",
        "2026-03-09@2000",
        "2026-03-16@2000",
        "2026-03-23@2000",
        "2026-03-30@2000",
    ]


@pytest.mark.django_db
def test_a_run_that_is_moved_does_not_count_its_rule_anew() -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=ZONE)
    run = make_run(make_step(offset="rrule:FREQ=WEEKLY;BYDAY=MO;COUNT=3 20:00"), now=start)

    shift_run(SYSTEM, run.pk, 7, now=start)

    slots = Occurrence.objects.filter(run=run).order_by("due_at").values_list("slot", flat=True)
    assert list(slots) == ["2026-03-02@2000", "2026-03-09@2000", "2026-03-16@2000"]


@pytest.mark.django_db
def test_a_step_left_out_over_a_holiday_is_a_row_with_its_reason() -> None:
    start = datetime(2026, 9, 29, 9, tzinfo=ZONE)

    run = make_run(make_step(offset="D1–D4 20:00", holidays="skip"), now=start)

    rows = Occurrence.objects.filter(run=run).order_by("due_at")
    assert [(row.slot, row.state, row.reason) for row in rows] == [
        ("D+0@2000", "waiting", ""),
        ("D+1@2000", "waiting", ""),
        ("D+2@2000", "skipped", "holiday"),
        ("D+3@2000", "skipped", "holiday"),
    ]


@pytest.mark.django_db
def test_the_community_s_own_day_off_counts_in_its_runs() -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=ZONE)
    community = make_community(settings={"days_off": ["2026-03-03"]})
    make_room(community, connector="echo", account_id=1)

    run = make_run(make_step(offset="weekly Tue 20:00"), community=community, now=start)

    first = Occurrence.objects.filter(run=run).earliest("due_at")
    assert first.slot == "2026-03-03@2000"
    assert first.due_at.astimezone(ZONE) == datetime(2026, 3, 4, 20, tzinfo=ZONE)
    assert isinstance(run, Run)


@pytest.mark.req("SOP-08")
@pytest.mark.django_db
def test_a_routine_set_to_weekdays_has_its_steps_on_each_weekday_and_none_on_the_weekend() -> None:
    """The whole daily plan: greeting, information, topic, sharing, preview of tomorrow, wrap-up."""
    start = datetime(2026, 3, 2, 7, tzinfo=ZONE)  # a Monday
    hours = ("08:00", "08:30", "12:00", "17:30", "20:30", "21:00")
    steps = [make_step(id=f"DAY-{n}", offset=f"weekdays {at}") for n, at in enumerate(hours)]
    run = make_run(*steps, now=start)

    live_through(start, start + timedelta(days=14))

    said = defaultdict(list)
    for row in Occurrence.objects.filter(run=run, due_at__lt=start + timedelta(days=14)):
        local = row.due_at.astimezone(ZONE)
        said[local.date()].append(f"{local:%H:%M}")
        assert row.state == "done"
    weekdays = [date(2026, 3, day) for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]
    assert {day: sorted(times) for day, times in said.items()} == dict.fromkeys(
        weekdays, sorted(hours)
    )
    days_of_messages = [row.due_at.astimezone(ZONE).weekday() for row in all_rows()]
    assert set(days_of_messages) == {0, 1, 2, 3, 4}
    assert len([day for day in days_of_messages if day == 4]) == 2 * len(hours)


@pytest.mark.parametrize(
    ("offset", "over", "settings", "years"),
    [
        ("workdays 08:00", {}, {}, [2098, 2099]),
        ("weekly Tue 20:00", {}, {}, [2098, 2099]),
        ("weekly Tue 20:00", {"holidays": "keep"}, {}, []),
        ("daily 08:00", {}, {}, []),
        ("workdays 08:00", {}, {"calendar": "weekdays"}, []),
    ],
)
def test_a_timeline_says_which_years_have_no_published_holidays_yet(
    offset: str, over: dict[str, Any], settings: dict[str, Any], years: list[int]
) -> None:
    document = Playbook.model_validate(make_document(make_step(offset=offset, **over)))

    assert unpublished_years(document, settings, date(2098, 12, 1), date(2099, 1, 5)) == years
