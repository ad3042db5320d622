from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from chaguan.communities.models import Membership
from chaguan.communities.testing import make_owner, make_staff, make_stranger
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.testing import drain
from chaguan.kernel.errors import Invalid, Missing
from chaguan.people.actions.orders import confirm_order
from chaguan.people.testing import Member
from chaguan.playbooks.actions import handovers
from chaguan.playbooks.actions.handovers import hand_over, hand_over_now, let_go, send_on
from chaguan.playbooks.actions.runs import stop_run
from chaguan.playbooks.engine.clock import finish_runs
from chaguan.playbooks.engine.handover import close_spent_passes
from chaguan.playbooks.models import Ending, Enrolment, Handover, Run
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
DAY = timedelta(days=1)
END = MONDAY + 3 * DAY
TOUCH = {"track": "person", "kind": "touch", "audience": "person"}
SEGMENTS = {
    "bought": {"condition": "orders", "times": 1},
    "active": {"condition": "messages_at_least", "messages": 3, "community": "here"},
}
THEN = [
    {"who": "bought", "start": "delivery", "why": "已下单，转由交付来接"},
    {"who": "active", "start": "persona", "why": "活跃的进人设计划"},
    {"start": "light", "why": "其余的轻轻陪着"},
]


def plans() -> None:
    """The three plans people may go to."""
    for key in ("delivery", "persona", "light"):
        make_edition(make_step(id="T-1", offset="P1 12:00", **TOUCH), key=key, title=key, days=7)


def run_of(place: Any, then: Any = THEN, **over: Any) -> Run:
    values = {"days": 1, "segments": SEGMENTS, "then": then, **over}
    return make_run(make_step(id="S-1", offset="P1 10:00", **TOUCH), community=place, **values)


def finish(run: Run) -> None:
    live_through(MONDAY, MONDAY + 2 * DAY, step=timedelta(hours=2))
    close_spent_passes(END)
    assert finish_runs(END) >= 1


def gone(run: Run) -> dict[str, str]:
    """Each person's name with the plan that began, or the state and its reason."""
    rows = Handover.objects.filter(run=run).select_related("member", "target__edition__playbook")
    return {
        row.member.name: row.target.edition.playbook.key  # type: ignore[union-attr] # a started plan
        if row.state == "started"
        else ":".join(word for word in (row.state, row.reason) if word)
        for row in rows
    }


def speaks(member: Member, place: Any, messages: int = 3) -> None:
    Membership.objects.filter(member=member, community=place).update(messages=messages)


def people() -> list[Member]:
    return list(Member.objects.order_by("pk"))


@pytest.mark.req("SOP-20")
def test_at_the_end_persons_are_split_by_rule_and_the_chosen_plans_start_for_each_part() -> None:
    plans()
    place = make_place(members=5)
    run = run_of(place)
    buyer, talker, quiet, both, other = people()
    for member in (buyer, both):
        confirm_order(SYSTEM, member.pk, f"no-{member.pk}", now=MONDAY)
    for member in (talker, both):
        speaks(member, place)
    assert hand_over(SYSTEM, now=MONDAY) == 0
    finish(run)

    hand_over(SYSTEM, now=END)

    assert gone(run) == {
        buyer.name: "delivery",
        both.name: "delivery",  # the first rule that fits
        talker.name: "persona",
        quiet.name: "light",
        other.name: "light",
    }
    started = Enrolment.objects.exclude(run=run).order_by("member_id")
    assert [(row.member_id, row.run.edition.playbook.key) for row in started] == [
        (buyer.pk, "delivery"),
        (talker.pk, "persona"),
        (quiet.pk, "light"),
        (both.pk, "delivery"),
        (other.pk, "light"),
    ]
    told = LoggedEvent.objects.filter(name="playbooks.people_handed_over").order_by("id")
    assert sorted((row.data["playbook"], row.data["people"]) for row in told) == [
        ("delivery", 2),
        ("light", 2),
        ("persona", 1),
    ]


def test_no_one_falls_out() -> None:
    plans()
    place = make_place(members=6)
    run = run_of(place, THEN[:2])
    buyer, left, silent, merged, quiet, late = people()
    confirm_order(SYSTEM, buyer.pk, "no-1", now=MONDAY)
    finish(run)
    Membership.objects.filter(member=left).update(state="left")
    Member.objects.filter(pk=silent.pk).update(touch_opt_out_at=MONDAY)
    Member.objects.filter(pk=merged.pk).update(merged_into=buyer)
    Enrolment.objects.filter(member=late).delete()  # never on a track, but in the room

    hand_over(SYSTEM, now=END)

    on_it = set(Enrolment.objects.filter(run=run).values_list("member_id", flat=True)) | {late.pk}
    assert set(Handover.objects.values_list("member_id", flat=True)) == on_it
    assert gone(run) == {
        buyer.name: "delivery",
        left.name: "held:left",
        silent.name: "held:opted_out",
        merged.name: "nobody",
        quiet.name: "nobody",
        late.name: "nobody",
    }


def test_again_and_after_a_crash_in_the_middle_nothing_is_doubled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans()
    place = make_place(members=7)
    run = run_of(place)
    confirm_order(SYSTEM, people()[0].pk, "no-1", now=MONDAY)
    finish(run)
    monkeypatch.setattr(handovers, "SLICE", 2)
    calls = 0
    real = handovers._enrol

    def dies(*args: Any) -> set[int]:
        nonlocal calls
        calls += 1
        begun = real(*args)
        if calls % 2 == 0:
            raise KeyboardInterrupt  # the process is gone after the writes, before the commit
        return begun

    monkeypatch.setattr(handovers, "_enrol", dies)
    for _round in range(12):
        try:
            hand_over(SYSTEM, now=END)
        except KeyboardInterrupt:
            continue
    assert calls > 4
    before = (Handover.objects.count(), Enrolment.objects.count(), Run.objects.count())

    hand_over(SYSTEM, now=END)
    hand_over(SYSTEM, now=END + DAY)

    assert before == (7, 14, 3)
    assert (Handover.objects.count(), Enrolment.objects.count(), Run.objects.count()) == before
    assert set(gone(run).values()) == {"delivery", "light"}


def test_who_leaves_a_track_by_a_stop_is_handed_over_at_once() -> None:
    plans()
    place = make_place(members=2)
    tracks = [
        {
            "key": "person",
            "title": "一对一",
            "kind": "personal",
            "entry": {"at": "start"},
            "stop": [{"on": "order_confirmed", "reason": "已下单"}],
        }
    ]
    run = run_of(place, tracks=tracks, days=7)
    buyer, other = people()
    confirm_order(SYSTEM, buyer.pk, "no-1", now=MONDAY + DAY)
    drain()

    hand_over(SYSTEM, now=MONDAY + DAY)

    assert gone(run) == {buyer.name: "delivery"}
    assert other.name not in gone(run)


def test_in_a_run_without_end_each_person_goes_on_when_the_own_pass_is_over() -> None:
    plans()
    place = make_place(members=1)
    run = run_of(place, days=None)
    live_through(MONDAY, MONDAY + DAY, step=timedelta(hours=2))
    run.refresh_from_db()
    assert (run.state, run.ends_at) == ("running", None)

    hand_over(SYSTEM, now=MONDAY + DAY)

    assert gone(run) == {people()[0].name: "light"}


def test_people_join_a_run_that_takes_people_in() -> None:
    place = make_place(members=1)
    make_edition(make_step(id="T-1", offset="P1 12:00", **TOUCH), key="light", title="轻")
    open_one = make_run(
        make_step(id="T-1", offset="P1 12:00", **TOUCH),
        community=place,
        key="light",
        tracks=[
            {"key": "person", "title": "一对一", "kind": "personal", "entry": {"at": "new_member"}}
        ],
    )
    run = run_of(place, THEN[2:])
    finish(run)

    hand_over(SYSTEM, now=END)

    assert Handover.objects.get().target == open_one
    assert Run.objects.count() == 2


def test_a_plan_that_cannot_start_says_why_and_starts_when_it_can() -> None:
    place = make_place(members=2)
    run = run_of(place, THEN[2:])
    finish(run)

    with translation.override("en"):
        hand_over(SYSTEM, now=END)
    assert set(gone(run).values()) == {"planned:There is no playbook “light”."}
    plans()
    hand_over(SYSTEM, now=END)

    assert set(gone(run).values()) == {"light"}


def test_two_plans_that_send_people_to_each_other_stop_after_eight_turns() -> None:
    place = make_place(members=1)
    one = {"segments": {}, "days": 1, "title": "甲", "tracks": [
        {"key": "person", "title": "一对一", "kind": "personal", "entry": {"at": "start", "again": "each_time"}}
    ]}  # fmt: skip
    step = make_step(id="S-1", offset="P1 10:00", **TOUCH)
    make_edition(step, key="ping", then=[{"start": "pong", "why": "转"}], **one)
    make_edition(step, key="pong", then=[{"start": "ping", "why": "转"}], **one)
    run_of(place, [{"start": "ping", "why": "转"}])
    now = MONDAY
    for _round in range(14):
        Run.objects.filter(state="running").update(state="finished", ended_at=now)
        now += timedelta(hours=2)
        hand_over(SYSTEM, now=now)

    assert Handover.objects.filter(state="started").count() == 8
    assert Handover.objects.get(state="held").reason == "loop"


def test_a_stopped_run_waits_for_a_yes() -> None:
    plans()
    me = make_staff("community_manager")
    place = make_place(members=1)
    run = run_of(place)
    stop_run(me, run.pk, "老师病了", now=MONDAY)

    hand_over(SYSTEM, now=END)
    assert set(gone(run).values()) == {"planned"}
    for actor in (make_stranger(), make_staff("community_manager", make_place())):
        with pytest.raises(Missing):
            hand_over_now(actor, run.pk, now=END)
    assert hand_over_now(me, run.pk, now=END) == 1

    assert set(gone(run).values()) == {"light"}


def test_a_person_decides_about_those_nobody_has() -> None:
    plans()
    place = make_place(members=3)
    run = run_of(place, THEN[:1])
    finish(run)
    hand_over(SYSTEM, now=END)
    first, second, third = people()
    me = make_owner()

    assert send_on(me, run.pk, [first.pk], "light", now=END) == 1
    assert let_go(me, run.pk, [second.pk], "他自己说的", now=END) == 1

    assert gone(run) == {
        first.name: "light",
        second.name: "let_go:他自己说的",
        third.name: "nobody",
    }
    with pytest.raises(Invalid):
        send_on(me, run.pk, [first.pk], "light", now=END)  # already there
    with pytest.raises(Invalid):
        send_on(me, run.pk, [third.pk], "unknown", now=END)
    with pytest.raises(Invalid):
        let_go(me, run.pk, [third.pk], " ", now=END)
    with pytest.raises(Missing):
        send_on(make_stranger(), run.pk, [third.pk], "light", now=END)
    assert gone(run)[third.name] == "nobody"


def test_a_run_without_rules_hands_nobody_over() -> None:
    place = make_place(members=1)
    run = make_run(make_step(), community=place, days=1)
    finish(run)

    assert hand_over(SYSTEM, now=END) == 0
    assert (Handover.objects.count(), Ending.objects.count()) == (0, 0)
