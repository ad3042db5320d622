from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from chaguan.channels.events import MessagePosted
from chaguan.communities.actions.memberships import join_community
from chaguan.communities.events import MemberJoined
from chaguan.communities.models import Membership
from chaguan.communities.testing import make_member
from chaguan.eventlog.actions import record
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.people.events import TouchOptedOut
from chaguan.people.testing import Member
from chaguan.playbooks.engine.catalogue import forget, place_of_run, steps_of
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.engine.personal import advance_people
from chaguan.playbooks.engine.silence import hear_silence
from chaguan.playbooks.models import (
    Assignment,
    Edition,
    Enrolment,
    Occurrence,
    Outcome,
    Tally,
    Timer,
    Wait,
)
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_through,
    make_run,
    make_script,
    make_step,
    staff_person,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
TOUCH = {"track": "person", "kind": "touch", "audience": "person"}
SILENT = {"condition": "messages_at_most", "messages": 0, "community": "here"}
TRACKS: dict[str, Any] = {
    "tracks": [
        {"key": "room", "title": "群里"},
        {"key": "person", "title": "一对一", "kind": "personal", "entry": {"at": "new_member"}},
    ]
}


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that run inside, savepoints left out."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def speak(member: Any, place: Any, minutes: int = 0) -> None:
    Membership.objects.filter(member=member, community=place).update(messages=1)
    fact = MessagePosted(place.pk, 1, member.pk, member.pk, chars=2)
    record(fact, actor=SYSTEM, at=MONDAY + timedelta(minutes=minutes))


def targets(code: str) -> list[int]:
    keys = OutboxRow.objects.filter(key__contains=f"/{code}/").order_by("member_id")
    return [row.member_id or 0 for row in keys]


def test_two_thousand_due_people_take_at_most_ten_statements() -> None:
    place = make_place(members=0)
    Member.objects.bulk_create(
        Member(
            public_id=f"{number:026d}", name=f"茶{number}", stage_since=MONDAY, first_seen_at=MONDAY
        )
        for number in range(2000)
    )
    Membership.objects.bulk_create(
        Membership(community=place, member=member, joined_at=MONDAY)
        for member in Member.objects.all()
    )
    make_script()
    run = make_run(
        make_step(
            id="P",
            offset="P1 10:00",
            text=None,
            script="hello",
            when=SILENT,
            mode="assist",
            **TOUCH,
        ),
        make_step(id="Q", offset="P2 10:00", **TOUCH),
        community=place,
        people={"operator": staff_person("community_manager")},
    )
    steps_of(run.edition_id), place_of_run(run.pk)  # read once per process
    due = MONDAY + timedelta(hours=1)

    with counting() as statements:
        done = advance_people(due)

    assert done == 2000
    assert len(statements) <= 10  # five for a thousand
    assert OutboxRow.objects.count() == Assignment.objects.count() == Timer.objects.count() == 2000
    with counting() as idle:
        assert advance_people(due) == 0
    assert len(idle) == 1
    with counting() as second:
        advance_people(MONDAY + timedelta(days=1, hours=1))
    assert len(second) <= 10


@pytest.mark.req("SOP-12")
def test_a_reminder_reaches_only_those_who_have_not_acted_at_send_time() -> None:
    place = make_place(members=3)
    first, second, third = Member.objects.order_by("pk")
    make_run(
        make_step(id="P", offset="P1 19:00", when=SILENT, **TOUCH),
        make_step(id="R", offset="D1 20:00", kind="touch", audience="segment:silent"),
        make_step(id="S", offset="D1 21:00", when=SILENT),
        make_step(id="T", offset="D2 21:00", when=SILENT),
        community=place,
        segments={"silent": SILENT},
    )
    live_through(MONDAY, MONDAY + timedelta(hours=9))
    assert OutboxRow.objects.count() == 0

    speak(second, place)
    live_through(MONDAY + timedelta(hours=9), MONDAY + timedelta(hours=13))

    assert targets("P") == targets("R") == [first.pk, third.pk]
    assert len(targets("S")) == 1
    speak(first, place)
    speak(third, place)
    live_through(MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
    assert targets("T") == []


def test_a_wait_ends_by_the_act_or_by_time_and_each_branch_goes_its_way() -> None:
    place = make_place(members=2)
    speaker, silent = Member.objects.order_by("pk")
    make_run(
        make_step(
            id="W", offset="J+10m", kind="wait_for", track="person", text=None,
            **{"with": {"fact": "channels.message_posted", "within": "2h"}},
        ),
        make_step(id="YES", offset="T+5m", after="W.act", **TOUCH),
        make_step(id="NO", offset="T+5m", after="W.timeout", **TOUCH),
        make_step(id="LATER", offset="P2 09:00", after="W.timeout", **TOUCH),
        make_step(id="ALL", offset="J+1h", **TOUCH),
        community=place,
    )  # fmt: skip
    begin = MONDAY + timedelta(hours=1)  # H+0 is 10:00
    live_through(begin, begin + timedelta(minutes=15), step=timedelta(minutes=5))
    assert Wait.objects.count() == 2

    speak(speaker, place, minutes=80)
    with clock.moved_to(begin + timedelta(minutes=20)):
        drain()
    assert Wait.objects.count() == 1
    live_through(begin + timedelta(minutes=20), begin + timedelta(days=2))

    assert targets("YES") == [speaker.pk]
    assert targets("NO") == targets("LATER") == [silent.pk]
    assert targets("ALL") == [speaker.pk, silent.pk]
    assert sorted(Outcome.objects.values_list("result", flat=True)) == [1, 2]
    assert Wait.objects.count() == Timer.objects.count() == 0


def test_who_joins_comes_onto_the_track_once_and_an_opt_out_takes_them_off() -> None:
    place = make_place(members=0)
    tracks: list[dict[str, Any]] = [
        TRACKS["tracks"][0],
        TRACKS["tracks"][1] | {"stop": [{"on": "opted_out", "reason": "退订"}]},
    ]
    make_run(make_step(id="P", offset="J+5m, P2 09:00", **TOUCH), community=place, tracks=tracks)
    one, two = make_member(), make_member()
    for member in (one, two):
        join_community(SYSTEM, place.pk, member.pk, now=MONDAY)
    with clock.moved_to(MONDAY):
        drain()
        drain()
    assert Enrolment.objects.count() == 2
    live_through(MONDAY, MONDAY + timedelta(hours=1))
    assert targets("P") == [one.pk, two.pk]

    record(TouchOptedOut(one.pk), actor=SYSTEM, at=MONDAY + timedelta(hours=2))
    with clock.moved_to(MONDAY + timedelta(hours=2)):
        drain()
    live_through(MONDAY + timedelta(hours=2), MONDAY + timedelta(days=2))

    assert targets("P") == [one.pk, two.pk, two.pk]
    assert Enrolment.objects.get(member=one).end_reason == "退订"


def test_missed_steps_are_skipped_sent_or_asked_as_the_step_says() -> None:
    place = make_place(members=1)
    people = {"operator": staff_person("community_manager")}
    make_run(
        make_step(id="SKIP"),
        make_step(id="SEND", lateness="send"),
        make_step(id="ASK", lateness="ask", mode="assist"),
        make_step(id="P-SKIP", offset="P1 10:00", **TOUCH),
        make_step(id="P-SEND", offset="P1 10:00", lateness="send", **TOUCH),
        community=place,
        people=people,
    )

    while tick(MONDAY + timedelta(hours=9)):
        pass

    codes = [row.key.split("/")[1] for row in OutboxRow.objects.order_by("key")]
    assert codes == ["P-SEND", "SEND"]
    question = Assignment.objects.get()
    assert (question.step.code, question.is_late_question) == ("ASK", True)
    assert dict(Tally.objects.values_list("step__code", "late")) == {"P-SKIP": 1, "P-SEND": 1}


def test_stage_and_tag_reach_the_people_of_the_step() -> None:
    place = make_place(members=2)
    make_run(
        make_step(
            id="S",
            offset="P1 10:00",
            track="person",
            kind="set_stage",
            text=None,
            audience="person",
            **{"with": {"stage": "informed"}},
        ),
        make_step(
            id="T",
            offset="D1 11:00",
            kind="tag",
            text=None,
            audience="segment:all",
            **{"with": {"add": ["老朋友"]}},
        ),
        community=place,
        segments={"all": {}},
    )

    live_through(MONDAY, MONDAY + timedelta(hours=4))

    assert list(Member.objects.values_list("stage", flat=True)) == ["informed", "informed"]
    assert Member.objects.filter(tags__tag__name="老朋友").count() == 2


def test_silence_opens_a_step_once_and_only_in_its_window() -> None:
    place = make_place(members=1)
    make_run(make_step(offset="on:silence_4h 09:00–21:00"), community=place)
    begin = MONDAY + timedelta(hours=1)

    assert hear_silence(begin + timedelta(hours=3)) == 0
    assert hear_silence(begin + timedelta(hours=4)) == 1
    assert hear_silence(begin + timedelta(hours=5)) == 0
    live_through(begin + timedelta(hours=4), begin + timedelta(hours=6))

    assert OutboxRow.objects.count() == 1


def test_a_trigger_opens_a_step_for_the_member_whose_act_it_was() -> None:
    place = make_place(members=1)
    make_run(
        make_step(offset="on:new_member +10m", kind="touch", audience="person"), community=place
    )
    joined = make_member()
    join_community(SYSTEM, place.pk, joined.pk, now=MONDAY)
    with clock.moved_to(MONDAY):
        drain()

    live_through(MONDAY, MONDAY + timedelta(hours=1))

    assert targets("A-1") == [joined.pk]
    assert OutboxRow.objects.get().depth == 1


def test_a_run_whose_step_breaks_is_paused_and_the_others_go_on() -> None:
    broken = make_run(
        make_step(when=SILENT), make_step(id="P", offset="P1 10:00", **TOUCH), key="broken",
        community=make_place(members=1),
    )  # fmt: skip
    sound = make_run(
        make_step(), make_step(id="P", offset="P1 10:00", **TOUCH), community=make_place(members=1)
    )
    document = broken.edition.document
    document["steps"][0]["when"] = {"condition": "a condition that was taken out"}
    Edition.objects.filter(pk=broken.edition_id).update(document=document)
    forget()

    live_through(MONDAY, MONDAY + timedelta(hours=2))

    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, sound.state) == ("paused", "running")
    assert broken.end_reason.startswith("broken: ")
    assert OutboxRow.objects.filter(key__startswith=f"run:{sound.pk}/").count() == 2


def test_imported_history_and_what_was_before_the_run_wake_nothing() -> None:
    place = make_place(members=0)
    imported, earlier = make_member(), make_member()
    make_run(
        make_step(id="P", offset="J+5m", **TOUCH),
        make_step(id="T", offset="on:new_member", kind="touch", audience="person"),
        community=place,
        **TRACKS,
    )
    importer = Actor.system("import:3")
    record(MemberJoined(place.pk, imported.pk), actor=importer, at=MONDAY + timedelta(minutes=1))
    record(MemberJoined(place.pk, earlier.pk), actor=SYSTEM, at=MONDAY - timedelta(minutes=1))

    with clock.moved_to(MONDAY + timedelta(minutes=2)):
        drain()

    assert Enrolment.objects.count() == Occurrence.objects.count() == Timer.objects.count() == 0
