from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.events import PhaseChanged
from chaguan.communities.testing import (
    make_member,
    make_staff,
    make_stranger,
)
from chaguan.eventlog.actions import record
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.runs import (
    Start,
    pause_run,
    resume_run,
    shift_run,
    skip_step,
    start_run,
    stop_run,
)
from chaguan.playbooks.errors import MissingRoles, MissingValues, RunIsOver
from chaguan.playbooks.events import RunEnded, RunStarted
from chaguan.playbooks.models import Enrolment, Occurrence, Run, Timer
from chaguan.playbooks.selectors.runs import run_board, runs_visible_to, two_tracks
from chaguan.playbooks.selectors.sheets import assignments_of
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_through,
    make_edition,
    make_run,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
TOUCH = {"track": "person", "kind": "touch", "audience": "person"}


def local(row: Any) -> str:
    return f"{row.due_at.astimezone(SHANGHAI):%d %H:%M}"


def planned() -> list[str]:
    return [local(row) for row in OutboxRow.objects.order_by("due_at", "id")]


def test_a_case_counts_from_the_moment_somebody_opens_it() -> None:
    afternoon = MONDAY + timedelta(hours=6, minutes=20)

    make_run(
        make_step(offset="T+30m"),
        make_step(id="S-2", offset="T+1h", **TOUCH),
        community=make_place(members=1),
        now=afternoon,
        start_time="00:00",
    )
    live_through(afternoon, afternoon + timedelta(hours=3))

    assert planned() == ["05 15:50", "05 16:20"]


@pytest.mark.req("SOP-02")
def test_steps_fire_at_local_time_and_a_pause_of_a_day_moves_the_rest_by_a_day() -> None:
    place = make_place(members=1)
    run = make_run(
        make_step(offset="D1–D4 08:30", text="早"),
        make_step(id="P", offset="P2 20:00, P4 20:00", **TOUCH),
        community=place,
        now=MONDAY - timedelta(hours=3),
    )

    live_through(MONDAY - timedelta(hours=3), MONDAY + timedelta(days=1))
    assert planned() == ["05 08:30", "06 08:30"]
    tuesday_noon = datetime(2026, 1, 6, 12, tzinfo=SHANGHAI)
    pause_run(SYSTEM, run.pk, now=tuesday_noon)
    live_through(tuesday_noon, tuesday_noon + timedelta(hours=23))
    assert planned() == ["05 08:30", "06 08:30"]
    resume_run(SYSTEM, run.pk, now=tuesday_noon + timedelta(days=1))
    live_through(tuesday_noon + timedelta(days=1), tuesday_noon + timedelta(days=6))

    assert planned() == ["05 08:30", "06 08:30", "07 20:00", "08 08:30", "09 08:30", "09 20:00"]


def test_steps_keep_their_local_time_over_a_change_of_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    place = make_place(members=0, timezone="Europe/Berlin")
    begin = datetime(2026, 3, 28, 0, tzinfo=berlin)

    make_run(make_step(offset="D1–D2 08:00"), community=place, now=begin, starts_on=begin.date())
    live_through(begin, begin + timedelta(days=3))

    found = [row.due_at.astimezone(berlin) for row in OutboxRow.objects.order_by("due_at")]
    assert [f"{at:%d %H:%M}" for at in found] == ["28 08:00", "29 08:00"]
    assert (found[1].timestamp() - found[0].timestamp()) == 23 * 3600


@pytest.mark.req("SOP-05")
def test_both_tracks_show_side_by_side_and_moving_the_start_moves_both() -> None:
    make_staff("community_manager"), make_staff("operations_assistant")
    place = make_place(members=1)
    run = make_run(
        make_step(offset="D1 20:00, D2 20:00", actor="operator", mode="assist"),
        make_step(
            id="P", offset="P1 21:00, P2 21:00", actor="teaching_assistant", mode="assist", **TOUCH
        ),
        community=place,
    )

    def days() -> dict[int, dict[str, list[tuple[str, str]]]]:
        return {
            entry.day.day: {
                key: [(f"{at.astimezone(SHANGHAI):%H:%M}", step.actor) for at, step in rows]
                for key, rows in entry.tracks.items()
            }
            for entry in two_tracks(Run.objects.get(pk=run.pk))
        }

    both = {"room": [("20:00", "operator")], "person": [("21:00", "teaching_assistant")]}
    assert days() == {5: both, 6: both}

    shift_run(SYSTEM, run.pk, 3, now=MONDAY)
    assert days() == {8: both, 9: both}
    live_through(MONDAY, MONDAY + timedelta(days=6))
    assert planned() == ["08 20:00", "08 21:00", "09 20:00", "09 21:00"]


def test_a_skipped_step_keeps_its_reason_and_sends_nothing() -> None:
    place = make_place(members=2)
    run = make_run(make_step(), make_step(id="P", offset="P1 11:00", **TOUCH), community=place)

    skip_step(SYSTEM, run.pk, "A-1", "今天放假", now=MONDAY)
    skip_step(SYSTEM, run.pk, "P", "今天放假", now=MONDAY)
    live_through(MONDAY, MONDAY + timedelta(days=1))

    assert planned() == []
    assert {line.step.code: line.state for line in run_board(run).lines} == {
        "A-1": "skipped",
        "P": "skipped",
    }
    assert Occurrence.objects.get().reason == "今天放假"


def test_skipping_needs_a_reason() -> None:
    run = make_run(make_step(), community=make_place())

    with pytest.raises(Invalid):
        skip_step(SYSTEM, run.pk, "A-1", "  ", now=MONDAY)

    assert Occurrence.objects.get().state == "waiting"


def test_a_stopped_run_cancels_what_was_to_come_and_stays_visible() -> None:
    place = make_place(members=2)
    run = make_run(
        make_step(offset="D1 10:00, D2 10:00"),
        make_step(id="P", offset="P1 11:00, P2 11:00", **TOUCH),
        community=place,
    )
    live_through(MONDAY, MONDAY + timedelta(hours=3))

    stop_run(SYSTEM, run.pk, "换计划", now=MONDAY + timedelta(hours=3))
    live_through(MONDAY + timedelta(hours=3), MONDAY + timedelta(days=3))

    assert OutboxRow.objects.count() == 3
    assert set(OutboxRow.objects.values_list("state", "reason")) == {("cancelled", "run_stopped")}
    assert list(Occurrence.objects.order_by("due_at").values_list("state", flat=True)) == [
        "done",
        "cancelled",
    ]
    assert set(Enrolment.objects.values_list("state", flat=True)) == {Enrolment.State.STOPPED}
    assert recorded(RunEnded.name) == [RunEnded(place.pk, run.pk, "stopped", "换计划")]
    with pytest.raises(RunIsOver):
        pause_run(SYSTEM, run.pk, now=MONDAY)


def test_a_closed_community_stops_its_runs() -> None:
    place = make_place()
    run = make_run(make_step(offset="D3 10:00"), community=place)
    record(PhaseChanged(place.pk, "closing", "closed"), actor=SYSTEM, at=MONDAY)

    with clock.moved_to(MONDAY):
        drain()

    run.refresh_from_db()
    assert (run.state, run.end_reason) == ("stopped", "community_closed")
    assert Occurrence.objects.get().state == "cancelled"


def test_a_missing_value_is_named_and_nothing_starts() -> None:
    edition = make_edition(
        make_step(text="{{ topic }}"), variables={"topic": {"label": "今天聊什么"}}
    )
    place = make_place()

    with pytest.raises(MissingValues) as refusal:
        start_run(SYSTEM, edition.pk, place.pk, Start(MONDAY.date()), now=MONDAY)

    assert refusal.value.names == ["topic"]
    assert Run.objects.count() == 0
    assert recorded(RunStarted.name) == []


def test_another_type_of_community_is_refused() -> None:
    edition = make_edition(**{"for": ["camp"]})
    place = make_place()

    with pytest.raises(Invalid) as refusal:
        start_run(SYSTEM, edition.pk, place.pk, Start(MONDAY.date()), now=MONDAY)

    assert refusal.value.code == "wrong_type"
    assert Run.objects.count() == 0


@pytest.mark.req("TEAM-06")
def test_unassigned_roles_are_listed_and_each_person_sees_their_own_steps() -> None:
    edition = make_edition(
        make_step(
            offset="D1 10:00",
            kind="assign",
            text=None,
            instruction="看一看",
            actor="expert",
            mode="human",
        )
        | {"checker": "planner", "informed": ["analyst"]},
        make_step(id="B", offset="D1 11:00", actor="duty_steward", mode="assist"),
    )
    place = make_place()

    with pytest.raises(MissingRoles) as refusal:
        start_run(SYSTEM, edition.pk, place.pk, Start(MONDAY.date()), now=MONDAY)
    assert refusal.value.roles == ["expert", "planner", "analyst", "duty_steward"]
    assert Run.objects.count() == 0

    planner, analyst = make_staff("planning_lead"), make_staff("data_analyst")
    expert = make_member(place, role="expert", name="老茶")
    steward = make_member(place, role="duty_steward", name="阿群")
    start_run(SYSTEM, edition.pk, place.pk, Start(MONDAY.date()), now=MONDAY)
    live_through(MONDAY, MONDAY + timedelta(hours=4))

    def codes(actor: Actor) -> list[str]:
        return [line.step.code for line in assignments_of(actor)]

    assert codes(Actor.member(expert.pk)) == ["A-1"]
    assert codes(Actor.member(steward.pk)) == ["B"]
    assert codes(planner) == codes(analyst) == []


def test_a_stranger_starts_nothing_and_sees_nothing() -> None:
    edition, place, stranger = make_edition(), make_place(), make_stranger()
    run = make_run(edition=edition, community=place)

    with pytest.raises(Missing):
        start_run(stranger, edition.pk, place.pk, Start(MONDAY.date()), now=MONDAY)
    with pytest.raises(Missing):
        stop_run(stranger, run.pk, "x", now=MONDAY)

    assert Run.objects.count() == 1
    assert list(runs_visible_to(stranger)) == []
    assert [r.pk for r in runs_visible_to(make_staff("community_manager", place))] == [run.pk]


def test_people_of_the_start_have_the_steps_of_the_days_before_it() -> None:
    place = make_place(members=3)
    step = {"track": "person", "kind": "touch", "audience": "person", "lateness": "send"}
    run = make_run(
        make_step(id="EVE", offset="D-1 19:00", **step),
        make_step(id="DAY", offset="D1 10:00", **step),
        make_step(id="OLD", offset="D-9 10:00", **step),
        community=place,
        starts_on=MONDAY.date() + timedelta(days=4),
        now=MONDAY,
    )

    live_through(MONDAY, MONDAY + timedelta(days=5))

    codes = Counter(row.key.split("/")[1] for row in OutboxRow.objects.all())
    assert codes == {"EVE": 3, "DAY": 3}, "what was over before the start is nobody's"
    assert not Timer.objects.filter(enrolment_id__in=run.enrolments.values("pk")).exists()
