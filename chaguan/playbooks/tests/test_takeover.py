"""People in front of the automatic track: a talk taken over, one room of a run that stands still."""

from datetime import timedelta
from typing import Any

import pytest

from chaguan.channels.actions import sending
from chaguan.channels.events import SendingDecided
from chaguan.channels.models import Account, Rehearsal
from chaguan.communities.models import Membership
from chaguan.communities.testing import make_member, make_room, make_staff, make_stranger
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.outbox.models import OutboxRow
from chaguan.people.selectors.timeline import timeline
from chaguan.playbooks.actions.takeover import hand_back, pause_room, resume_room, take_over
from chaguan.playbooks.errors import AlreadyDecided
from chaguan.playbooks.events import HandedBack, RoomWentOn, TakenOver
from chaguan.playbooks.models import Enrolment, RoomPause, TakeOver, Wait
from chaguan.playbooks.testing import MONDAY, SYSTEM, live_and_send, make_run, make_step
from chaguan.playbooks.tests.places import make_place
from chaguan.playbooks.types import Waited

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRIVATE = {"track": "person", "kind": "touch", "audience": "person"}


def said_to(member_id: int) -> list[str]:
    rows = Rehearsal.objects.filter(member_id=member_id).order_by("at", "id")
    return [row.text for row in rows]


def two_talks() -> tuple[Any, list[int]]:
    """A run that writes to each of two members at ten, at two, and the next morning."""
    place = make_place(members=2)
    make_run(
        make_step(id="P-1", offset="P1 10:00, P1 14:00, P2 10:00", text="第 {{ time }} 句", **PRIVATE),
        make_step(
            id="W", kind="wait_for", track="person", audience="person", offset="P1 09:30",
            text=None, **{"with": {"fact": "people.order_confirmed", "within": "7d"}},
        ),
        community=place,
    )  # fmt: skip
    ids = list(Membership.objects.filter(community=place).values_list("member_id", flat=True))
    return place, ids


def test_a_talk_taken_over_is_left_alone_until_it_is_handed_back() -> None:
    place, (mine, other) = two_talks()
    me = make_staff("community_manager", place)
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)

    take_over(me, mine, place.pk, now=MONDAY + 2 * HOUR, reason="他在问价格")
    live_and_send(MONDAY + 3 * HOUR, MONDAY + 8 * HOUR, step=HOUR)

    held = OutboxRow.objects.get(member_id=mine, state="suppressed")
    assert held.reason == "taken_over"
    assert (said_to(mine), said_to(other)) == (["第 10:00 句"], ["第 10:00 句", "第 14:00 句"])
    assert Wait.objects.filter(member_id=mine).count() == 1
    assert Enrolment.objects.get(member_id=mine).state == Enrolment.State.ACTIVE
    hand_back(me, mine, place.pk, now=MONDAY + 10 * HOUR)
    live_and_send(MONDAY + DAY, MONDAY + DAY + 2 * HOUR, step=HOUR)
    assert said_to(mine) == ["第 10:00 句", "第 10:00 句"]
    assert recorded(TakenOver.name) == [TakenOver(place.pk, mine, "他在问价格")]
    assert recorded(HandedBack.name) == [HandedBack(place.pk, mine)]
    kinds = [entry.kind for entry in timeline(me, mine)]
    assert kinds.index(HandedBack.name) < kinds.index(TakenOver.name)


def test_a_held_message_goes_when_the_person_lets_it() -> None:
    place, (mine, _other) = two_talks()
    me = make_staff("community_manager", place)
    take_over(me, mine, place.pk, now=MONDAY)
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)

    sending.release(me, OutboxRow.objects.get(member_id=mine).pk, now=MONDAY + 3 * HOUR)
    live_and_send(MONDAY + 3 * HOUR, MONDAY + 4 * HOUR, step=HOUR)

    assert said_to(mine) == ["第 10:00 句"]


def test_what_waited_goes_in_its_order_or_is_dropped_with_a_reason() -> None:
    place, (mine, other) = two_talks()
    me = make_staff("community_manager", place)
    take_over(me, mine, place.pk, now=MONDAY)
    take_over(me, other, place.pk, now=MONDAY)
    live_and_send(MONDAY, MONDAY + 6 * HOUR, step=HOUR)
    late = MONDAY + 10 * HOUR  # the first one's time is over by now: a person says that it goes

    with pytest.raises(Invalid):
        hand_back(me, other, place.pk, now=late, waited=Waited.DROP, reason=" ")
    with pytest.raises(Refused):
        hand_back(make_stranger(), mine, place.pk, now=late, waited=Waited.SEND)
    assert hand_back(me, mine, place.pk, now=late, waited=Waited.SEND) == 2
    assert hand_back(me, other, place.pk, now=late, waited=Waited.DROP, reason="电话里说过了") == 2
    live_and_send(late, late + HOUR, step=HOUR)

    assert (said_to(mine), said_to(other)) == (["第 10:00 句", "第 14:00 句"], [])
    dropped = OutboxRow.objects.filter(member_id=other).values_list("state", "reason", "decided_by")
    assert list(dropped) == [("cancelled", "talk_dropped", me.reference)] * 2
    assert recorded(HandedBack.name) == [
        HandedBack(place.pk, mine, "send", 2),
        HandedBack(place.pk, other, "drop", 2, "电话里说过了"),
    ]
    facts = recorded(SendingDecided.name)
    decided = [fact.decision for fact in facts if isinstance(fact, SendingDecided)]
    assert decided == ["released", "released", "cancelled", "cancelled"]


def test_only_what_this_talk_held_is_decided_and_caps_still_count() -> None:
    place, (mine, _other) = two_talks()
    me = make_staff("community_manager", place)
    take_over(me, mine, place.pk, now=MONDAY)
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)
    assert hand_back(me, mine, place.pk, now=MONDAY + 2 * HOUR) == 0
    take_over(me, mine, place.pk, now=MONDAY + 3 * HOUR)
    live_and_send(MONDAY + 3 * HOUR, MONDAY + 6 * HOUR, step=HOUR)
    type(place).objects.update(settings={"caps": {"contacts_per_day": 0}})

    assert hand_back(me, mine, place.pk, now=MONDAY + 6 * HOUR, waited=Waited.SEND) == 1
    live_and_send(MONDAY + 6 * HOUR, MONDAY + 7 * HOUR, step=HOUR)

    rows = OutboxRow.objects.filter(member_id=mine).order_by("payload__due")
    assert list(rows.values_list("state", "reason")) == [
        ("suppressed", "taken_over"),
        ("planned", "contacts_cap"),
    ]
    assert said_to(mine) == []


def test_one_talk_has_one_person_and_other_communities_go_on() -> None:
    place, (mine, _other) = two_talks()
    elsewhere = make_place(members=0)
    Membership.objects.create(community=elsewhere, member_id=mine, joined_at=MONDAY)
    make_run(
        make_step(id="P-9", offset="P1 10:00", text="另一个群", **PRIVATE), community=elsewhere
    )
    me, colleague = (make_staff("community_manager", place) for _ in range(2))

    take_over(me, mine, place.pk, now=MONDAY)
    take_over(me, mine, place.pk, now=MONDAY)

    with pytest.raises(AlreadyDecided):
        take_over(colleague, mine, place.pk, now=MONDAY)
    for actor in (make_stranger(),):
        with pytest.raises(Refused):
            take_over(actor, mine, place.pk, now=MONDAY)
        with pytest.raises(Refused):
            hand_back(actor, mine, place.pk, now=MONDAY)
    with pytest.raises(Missing):
        take_over(me, make_member().pk, place.pk, now=MONDAY)
    assert TakeOver.objects.count() == len(recorded(TakenOver.name)) == 1
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)
    assert said_to(mine) == ["另一个群"]


def test_one_room_stands_still_while_the_other_goes_on_and_follows_days_later() -> None:
    place = make_place(members=0)
    account = Account.objects.get(connector="echo")
    second = make_room(place, connector="echo", account_id=account.pk)
    run = make_run(
        make_step(id="A", offset="D1–D4 10:00", text="第 {{ day }} 天 {{ date }}"), community=place
    )
    first = place.rooms.exclude(pk=second.pk).get()
    me = make_staff("community_manager", place)
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)

    with pytest.raises(Invalid):
        pause_room(me, run.pk, second.pk, "", now=MONDAY + 3 * HOUR)
    pause_room(me, run.pk, second.pk, "群里在吵架", now=MONDAY + 3 * HOUR)
    live_and_send(MONDAY + 4 * HOUR, MONDAY + 2 * DAY, step=HOUR)
    days = resume_room(me, run.pk, second.pk, now=MONDAY + 2 * DAY)
    live_and_send(MONDAY + 2 * DAY, MONDAY + 6 * DAY, step=HOUR)

    assert days == 2
    at_ten = [(row.room_id, (row.at - MONDAY).days, row.text) for row in Rehearsal.objects.all()]
    assert sorted(at_ten) == sorted(
        [(first.pk, day, f"第 {day + 1} 天 1月{5 + day}日") for day in range(4)]
        + [(second.pk, 0, "第 1 天 1月5日")]
        + [(second.pk, day + 2, f"第 {day + 1} 天 1月{7 + day}日") for day in (1, 2, 3)]
    )
    assert recorded(RoomWentOn.name) == [RoomWentOn(place.pk, run.pk, second.pk, 2)]
    for act in (pause_room, resume_room):
        args = ("x",) if act is pause_room else ()
        with pytest.raises(Missing):
            act(make_stranger(), run.pk, first.pk, *args, now=MONDAY)
    with pytest.raises(Missing):
        pause_room(SYSTEM, run.pk, make_room().pk, "别处", now=MONDAY)
    assert RoomPause.objects.count() == 1
