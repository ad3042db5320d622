"""A run that gets another zone, another event or other days off: dated anew once, nothing lost, nothing twice."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.actions.communities import edit_community
from chaguan.communities.testing import make_community, make_member, make_room, make_stranger
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.testing import drain
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.actions.redating import change_zone, move_event
from chaguan.playbooks.actions.runs import pause_run, resume_run, shift_run
from chaguan.playbooks.models import CohortStep, Occurrence, Run
from chaguan.playbooks.testing import MONDAY, SYSTEM, live_through, make_run, make_step

SHANGHAI, BERLIN, LOS_ANGELES = (
    ZoneInfo("Asia/Shanghai"),
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/Los_Angeles"),
)


def touch(code: str, offset: str) -> dict[str, Any]:
    return make_step(
        id=code,
        track="person",
        offset=offset,
        kind="touch",
        audience="person",
        text="您好",
        lateness="send",
    )


def due_of(run: Run, zone: ZoneInfo) -> dict[str, str]:
    rows = Occurrence.objects.filter(run=run).order_by("due_at")
    return {row.slot: f"{row.due_at.astimezone(zone):%m-%d %H:%M}" for row in rows}


def place(members: int = 1, **over: Any) -> Any:
    community = make_community(**over)
    make_room(community, connector="echo", account_id=1)
    for _n in range(members):
        make_member(community)
    return community


@pytest.mark.django_db
def test_another_zone_keeps_the_local_times_of_what_is_still_to_come() -> None:
    run = make_run(
        make_step(offset="D1 10:00"),
        make_step(id="A-2", offset="D3 10:00"),
        make_step(id="A-3", offset="weekly Thu 20:00"),
        make_step(id="A-4", offset="H+48"),
        days=7,
    )
    live_through(MONDAY, MONDAY + timedelta(hours=4))
    before = {row.slot: (row.pk, row.due_at) for row in Occurrence.objects.filter(run=run)}

    change_zone(SYSTEM, run.pk, "Europe/Berlin", now=MONDAY + timedelta(hours=4))

    assert due_of(run, BERLIN) == {
        "D+0@1000": "01-05 03:00",  # done: it stays where it was
        "H+172800": "01-07 03:00",  # real hours from the start that was
        "D+2@1000": "01-07 10:00",
        "2026-01-08@2000": "01-08 20:00",
    }
    after = {row.slot: row.pk for row in Occurrence.objects.filter(run=run)}
    assert after == {slot: pk for slot, (pk, _due) in before.items()}
    fact = LoggedEvent.objects.get(name="playbooks.run_redated")
    assert (fact.data["run_id"], fact.data["what"]) == (run.pk, "zone")


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati", "Europe/Berlin"])
@pytest.mark.parametrize("hours", [1, 9, 20, 30, 50])
def test_people_get_every_step_once_whenever_the_zone_changes(zone: str, hours: int) -> None:
    """Moments of the person's own clock and moments of the zone trade places; none is lost or said twice."""
    steps = [
        touch("P-1", "P1 12:00"),
        touch("P-2", "J+5h"),
        touch("P-3", "P2 09:00"),
        touch("P-4", "J+25h"),
        touch("P-5", "P3 21:00"),
        touch("P-6", "J+60h"),
    ]
    run = make_run(*steps, community=place(3))
    at = MONDAY + timedelta(hours=hours)
    live_through(MONDAY, at)

    change_zone(SYSTEM, run.pk, zone, now=at)
    live_through(at, MONDAY + timedelta(days=6))

    sent = Counter(row.payload["step"] for row in all_rows().filter(kind="touch"))
    assert sorted(sent.values()) == [3] * 6
    assert not CohortStep.objects.filter(cohort_id__lt=0).exists()


@pytest.mark.django_db
def test_personal_steps_come_at_the_new_local_time() -> None:
    run = make_run(touch("P-1", "P1 12:00"), touch("P-2", "P3 09:00"), community=place())
    at = MONDAY + timedelta(hours=6)
    live_through(MONDAY, at)

    change_zone(SYSTEM, run.pk, "Europe/Berlin", now=at)
    live_through(at, MONDAY + timedelta(days=4))

    due = [row.due_at.astimezone(BERLIN) for row in all_rows().order_by("due_at")]
    assert due == [
        datetime(2026, 1, 5, 5, tzinfo=BERLIN),
        datetime(2026, 1, 7, 9, tzinfo=BERLIN),
    ]


@pytest.mark.django_db
def test_a_paused_run_changes_its_zone_and_goes_on() -> None:
    run = make_run(touch("P-1", "P2 09:00"), touch("P-2", "P3 09:00"), community=place())
    pause_run(SYSTEM, run.pk, now=MONDAY)

    change_zone(SYSTEM, run.pk, "Europe/Berlin", now=MONDAY + timedelta(hours=1))
    live_through(MONDAY, MONDAY + timedelta(days=3))
    assert all_rows().count() == 0
    resume_run(SYSTEM, run.pk, now=MONDAY + timedelta(days=3))
    live_through(MONDAY + timedelta(days=3), MONDAY + timedelta(days=7))

    due = [row.due_at.astimezone(BERLIN) for row in all_rows().order_by("due_at")]
    assert due == [
        datetime(2026, 1, 9, 9, tzinfo=BERLIN),
        datetime(2026, 1, 10, 9, tzinfo=BERLIN),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("days", [1, 3])
def test_moving_a_run_over_a_change_of_clocks_loses_nobody_s_step(days: int) -> None:
    """In the night to 29 March a local day of Berlin has 23 hours, while J+ counts real ones."""
    start = datetime(2026, 3, 27, 9, tzinfo=BERLIN)
    steps = [touch("P-1", "J+48h"), touch("P-2", "P3 09:30"), touch("P-3", "J+49h")]
    run = make_run(*steps, community=place(2, timezone="Europe/Berlin"), now=start)
    live_through(start, start + timedelta(hours=2))

    shift_run(SYSTEM, run.pk, days, now=start + timedelta(hours=2))
    live_through(start, start + timedelta(days=8))

    sent = Counter(row.payload["step"] for row in all_rows().filter(kind="touch"))
    assert sorted(sent.values()) == [2, 2, 2]


@pytest.mark.django_db
def test_the_community_s_new_zone_reaches_its_runs() -> None:
    community = place()
    run = make_run(make_step(offset="D3 10:00"), community=community)

    edit_community(SYSTEM, community.pk, {"timezone": "America/Los_Angeles"}, now=MONDAY)
    drain()

    assert due_of(run, LOS_ANGELES) == {"D+2@1000": "01-07 10:00"}
    assert Run.objects.get(pk=run.pk).zone == "America/Los_Angeles"


@pytest.mark.django_db
def test_a_day_off_that_is_named_later_moves_what_makes_way_for_it() -> None:
    community = place()
    run = make_run(make_step(offset="weekly Thu 20:00"), community=community)

    edit_community(SYSTEM, community.pk, {"settings": {"days_off": ["2026-01-08"]}}, now=MONDAY)
    drain()
    assert due_of(run, SHANGHAI)["2026-01-08@2000"] == "01-09 20:00"

    edit_community(SYSTEM, community.pk, {"settings": {}}, now=MONDAY)
    drain()
    assert due_of(run, SHANGHAI)["2026-01-08@2000"] == "01-08 20:00"


@pytest.mark.django_db
def test_an_event_that_moves_takes_its_steps_along() -> None:
    event_at = datetime(2026, 1, 10, 12, tzinfo=UTC)
    run = make_run(
        make_step(offset="E-4d 20:00"),
        make_step(id="A-2", offset="E-1d 20:00"),
        make_step(id="A-3", offset="E-1h"),
        make_step(id="A-4", offset="D2 10:00"),
        anchor="event",
        event_at=event_at,
    )
    done = datetime(2026, 1, 7, 0, tzinfo=UTC)
    live_through(MONDAY, done)

    move_event(SYSTEM, run.pk, event_at + timedelta(days=2, hours=1), now=done)

    assert due_of(run, SHANGHAI) == {
        "E-4@2000": "01-06 20:00",  # done already
        "D+1@1000": "01-06 10:00",
        "E-1@2000": "01-11 20:00",
        "E-3600": "01-12 20:00",
    }


@pytest.mark.django_db
def test_what_cannot_be_is_refused_and_changes_nothing() -> None:
    run = make_run(make_step(offset="D3 10:00"))
    facts = LoggedEvent.objects.count()

    with pytest.raises(Invalid):
        change_zone(SYSTEM, run.pk, "Moon/Base", now=MONDAY)
    with pytest.raises(Invalid):
        move_event(SYSTEM, run.pk, MONDAY, now=MONDAY)
    with pytest.raises(Missing):
        change_zone(make_stranger(), run.pk, "Europe/Berlin", now=MONDAY)

    assert due_of(run, SHANGHAI) == {"D+2@1000": "01-07 10:00"}
    assert LoggedEvent.objects.count() == facts
    assert Run.objects.get(pk=run.pk).starts_on == date(2026, 1, 5)
