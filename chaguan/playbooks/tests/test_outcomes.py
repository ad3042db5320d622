from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chaguan.channels.actions.inbound import receive
from chaguan.channels.contract import Record
from chaguan.communities.models import Room
from chaguan.communities.testing import make_staff
from chaguan.engagement.actions.sign_in import sign_in
from chaguan.eventlog.testing import drain
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.people.testing import Member
from chaguan.playbooks.actions.assignments import complete_assignment, skip_assignment
from chaguan.playbooks.actions.ratings import rate_run
from chaguan.playbooks.engine.clock import finish_runs
from chaguan.playbooks.engine.handover import close_spent_passes
from chaguan.playbooks.models import Assignment, Run, RunRating
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.outcomes import RunOutcome, behind, run_outcome
from chaguan.playbooks.selectors.ratings import runs_to_rate
from chaguan.playbooks.testing import MONDAY, SYSTEM, live_and_send, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = MONDAY + 4 * DAY
HUMAN = {
    "text": None,
    "kind": "assign",
    "mode": "human",
    "actor": "operator",
    "instruction": "聊聊",
}


def camp(me: Actor, place: Any, **over: Any) -> Run:
    """Two days: a word to the room, a call to sign in, and two talks that people have."""
    return make_run(
        make_step(id="SAY", offset="D1 10:00"),
        make_step(id="ASK", offset="D1 11:00", kind="ask_check_in", text="今天打卡了吗"),
        make_step(id="TALK", offset="D1 12:00", **HUMAN),
        make_step(id="CALL", offset="D2 12:00", **HUMAN),
        community=place,
        people={"operator": Person(user_id=me.user_id)},
        **{"days": 2, **over},
    )


def people() -> list[Member]:
    return list(Member.objects.order_by("pk"))


def says(member: Member, at: Any) -> None:
    room = Room.objects.get()
    said = Record(f"x{member.pk}", at, "message", person="", text="好", member_id=member.pk)
    receive(SYSTEM, room.pk, [said], at)


def live(run: Run, *, left_out: str = "") -> None:
    """Let the days pass, with every line ticked but the one left out; then the run is over."""
    live_and_send(MONDAY, MONDAY + 2 * DAY, step=HOUR)
    for line in Assignment.objects.filter(run=run):
        me = Actor.staff(line.user_id or 0)
        if line.step.code == left_out:
            skip_assignment(me, line.pk, "没时间", now=MONDAY + 2 * DAY)
        else:
            complete_assignment(me, line.pk, now=MONDAY + 2 * DAY, note="聊过了")
    close_spent_passes(END)
    finish_runs(END)
    run.refresh_from_db()
    assert run.state == "finished"


def rates(run: Run, *stars: int) -> None:
    for member, given in zip(people(), stars, strict=False):
        rate_run(Actor.member(member.pk), run.pk, given, now=END + HOUR)


def told(outcome: RunOutcome) -> dict[str, tuple[int, int]]:
    return {figure.code: (figure.amount, figure.of) for figure in outcome.figures}


@pytest.mark.req("SOP-17")
def test_a_run_with_everything_done_and_poor_ratings_is_done_with_a_weak_result() -> None:
    me = make_staff("community_manager")
    place = make_place(members=4)
    run = camp(me, place)
    for member in people()[:3]:
        says(member, MONDAY + HOUR + timedelta(minutes=20))
        sign_in(Actor.member(member.pk), place.pk, now=MONDAY + 2 * HOUR)
    live(run)
    drain()
    rates(run, 2, 3, 2, 1)

    found = run_outcome(run, now=END + DAY)

    assert told(found) == {
        "steps": (4, 4),
        "replies": (3, 4),
        "check_ins": (3, 4),
        "rating": (4, 4),
    }
    assert found.completion.value == 1.0
    assert [(f.code, f.value, f.bar) for f in found.figures if f.is_weak] == [("rating", 2.0, 3.5)]
    assert found.verdict == "done_weak"
    assert set(behind(run, "rating").values()) == {1, 2, 3}
    assert set(behind(run, "replies")) == {member.pk for member in people()[:3]}
    assert behind(run, "check_ins") == {member.pk: 1 for member in people()[:3]}

    RunRating.objects.update(stars=5)
    assert run_outcome(run, now=END + DAY).verdict == "done_well"


def test_a_silent_room_is_a_weak_result_whatever_the_steps_say() -> None:
    me = make_staff("community_manager")
    run = camp(me, make_place(members=2))
    live(run)

    found = run_outcome(run, now=END)

    assert found.completion.value == 1.0
    assert {f.code for f in found.figures if f.is_weak} == {"replies", "check_ins"}
    assert found.verdict == "done_weak"


def test_steps_left_out_are_not_done_and_no_result_makes_up_for_them() -> None:
    me = make_staff("community_manager")
    run = camp(me, make_place(members=3))
    live(run, left_out="CALL")
    rates(run, 5, 5, 5)

    found = run_outcome(run, now=END + DAY)

    assert told(found)["steps"] == (3, 4)
    assert found.verdict == "not_done"


def test_the_edition_says_what_is_too_little() -> None:
    me = make_staff("community_manager")
    run = camp(
        me, make_place(members=4), outcome={"reply_rate": 0.2, "check_in_rate": 0.9, "rating": 2}
    )
    for member in people()[:1]:
        says(member, MONDAY + HOUR + timedelta(minutes=20))
    for member in people():
        sign_in(Actor.member(member.pk), run.community_id, now=MONDAY + 2 * HOUR)
    live(run)
    rates(run, 3, 2, 2, 2)

    found = run_outcome(run, now=END + DAY)

    bars = {figure.code: (figure.bar, figure.is_weak) for figure in found.figures}
    assert bars == {
        "steps": (None, False),
        "replies": (0.2, False),
        "check_ins": (0.9, False),
        "rating": (2, False),
    }


def test_two_ratings_say_nothing_yet_and_a_run_under_way_is_not_judged() -> None:
    me = make_staff("community_manager")
    run = make_run(
        make_step(id="TALK", offset="D1 12:00", **HUMAN),
        community=make_place(members=2),
        people={"operator": Person(user_id=me.user_id)},
        days=2,
    )
    assert run_outcome(run, now=MONDAY).verdict == "under_way"
    live(run)
    rates(run, 1, 1)

    assert run_outcome(run, now=END + DAY).verdict == "done_unknown"


def test_acts_waited_for_are_counted_of_the_waits_that_ended() -> None:
    place = make_place(members=3)
    run = make_run(
        make_step(
            id="WAIT",
            track="person",
            offset="P1 10:00",
            kind="wait_for",
            text=None,
            **{"with": {"fact": "engagement.signed_in", "within": "1d"}},
        ),
        community=place,
        days=2,
    )
    live_and_send(MONDAY, MONDAY + HOUR)
    sign_in(Actor.member(people()[0].pk), place.pk, now=MONDAY + 2 * HOUR)
    drain()
    live_and_send(MONDAY + 2 * HOUR, MONDAY + 2 * DAY, step=HOUR)

    assert told(run_outcome(run, now=END))["acts"] == (1, 3)
    assert behind(run, "acts") == {people()[0].pk: 1}


def test_a_member_rates_once_may_pass_it_over_and_only_what_she_took_part_in() -> None:
    me = make_staff("community_manager")
    run = camp(me, make_place(members=2))
    first, second = (Actor.member(member.pk) for member in people())
    with pytest.raises(Missing):
        rate_run(first, run.pk, 5, now=MONDAY)  # not over yet
    live(run)
    make_place(members=1)
    outsider = Actor.member(people()[-1].pk)

    assert list(runs_to_rate(first, END + HOUR)) == [run]
    assert list(runs_to_rate(outsider, END + HOUR)) == []
    assert list(runs_to_rate(first, END + 15 * DAY)) == []
    rate_run(first, run.pk, 4, now=END + HOUR)
    rate_run(second, run.pk, None, now=END + HOUR)

    assert list(runs_to_rate(first, END + HOUR)) == list(runs_to_rate(second, END + HOUR)) == []
    for actor, stars, wrong in (
        (first, 5, Missing),
        (outsider, 5, Missing),
        (me, 5, Missing),
        (first, 6, Invalid),
    ):
        with pytest.raises(wrong):
            rate_run(actor, run.pk, stars, now=END + HOUR)
    assert list(RunRating.objects.order_by("pk").values_list("stars", flat=True)) == [4, None]
    assert told(run_outcome(run, now=END + DAY))["rating"] == (1, 2)


def test_the_database_keeps_one_rating_of_one_to_five() -> None:
    me = make_staff("community_manager")
    run = camp(me, make_place(members=1))
    member = people()[0]
    RunRating.objects.create(run=run, member=member, stars=5, at=MONDAY)
    for stars, who in ((5, member), (9, people()[0])):
        with pytest.raises(IntegrityError), transaction.atomic():
            RunRating.objects.create(run=run, member=who, stars=stars, at=MONDAY)
