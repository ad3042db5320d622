from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.communities.testing import make_owner, make_staff, make_stranger
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import make_row
from chaguan.playbooks.actions.assignments import complete_assignment, skip_assignment
from chaguan.playbooks.actions.runs import skip_step, stop_run
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.reports import DailyReport, ReportLine, daily_report
from chaguan.playbooks.testing import MONDAY, live_and_send, live_through, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = date(2026, 1, 5)
NIGHT = MONDAY + 14 * HOUR  # 23:00 in Shanghai
HUMAN = {
    "text": None,
    "kind": "assign",
    "mode": "human",
    "actor": "operator",
    "instruction": "聊聊",
    "minutes": 10,
}


def person(actor: Actor) -> dict[str, Person]:
    return {"operator": Person(user_id=actor.user_id)}


def told(lines: Any) -> list[tuple[str, str, str, str]]:
    return [(line.step.id, line.state, line.who, line.note) for line in lines]


def report(actor: Actor, place: Any, day: date = DAY, hours: int = 14) -> DailyReport:
    return daily_report(actor, place.pk, day, now=MONDAY + hours * HOUR)


def lived(me: Actor, *steps: dict[str, Any], place: Any = None) -> Any:
    """A run of the steps in a place, with the first day over."""
    place = place or make_place()
    run = make_run(*steps, community=place, people=person(me))
    live_through(MONDAY, NIGHT)
    return run


def given(step: str) -> int:
    return Assignment.objects.get(step__code=step).pk


def test_it_tells_what_was_done_left_out_and_not_done() -> None:
    me = make_staff("community_manager")
    run = lived(
        me,
        make_step(id="DONE", offset="D1 10:00", **HUMAN | {"proof": "link"}),
        make_step(id="LEFT", offset="D1 11:00", **HUMAN),
        make_step(id="OPEN", offset="D1 12:00", **HUMAN),
        make_step(id="FRESH", offset="D1 22:30", **HUMAN),
    )
    at = MONDAY + 5 * HOUR
    complete_assignment(me, given("DONE"), now=at, note="谈妥了", proof="https://chaguan.example/1")
    skip_assignment(me, given("LEFT"), "今天停电", now=at)

    told_day = report(me, run.community)

    who = me.reference
    assert told(told_day.done) == [("DONE", "done", who, "谈妥了")]
    assert told(told_day.left_out) == [("LEFT", "skipped", who, "今天停电")]
    assert told(told_day.unfinished) == [("OPEN", "late", who, ""), ("FRESH", "open", who, "")]
    done: ReportLine = told_day.done[0]
    assert (done.at, done.proof, done.run_id) == (at, "https://chaguan.example/1", run.pk)
    assert (told_day.minutes, told_day.older, told_day.zone) == (10, 0, "Asia/Shanghai")


def test_a_day_keeps_what_was_open_when_it_ended_and_the_next_counts_it() -> None:
    me = make_staff("community_manager")
    run = lived(me, make_step(id="OPEN", offset="D1 12:00", **HUMAN))
    tomorrow = DAY + timedelta(days=1)

    assert report(me, run.community, tomorrow, 24).older == 1
    later = MONDAY + 26 * HOUR
    complete_assignment(me, given("OPEN"), now=later, note="补上了")

    yesterday = report(me, run.community, DAY, 27)
    assert told(yesterday.unfinished) == [("OPEN", "late", me.reference, "")]
    assert yesterday.unfinished[0].done_later_at == later
    assert yesterday.done == []
    after = report(me, run.community, tomorrow, 27)
    assert told(after.done) == [("OPEN", "done", me.reference, "补上了")]
    assert (after.older, after.unfinished) == (0, [])


def test_the_day_is_the_communitys_own() -> None:
    me = make_staff("community_manager")
    here, there = make_place(), make_place(timezone="America/New_York")
    for place in (here, there):
        make_row(
            key=f"at:{place.pk}", community_id=place.pk, due_at=MONDAY
        )  # 20:00 on the 4th there
    OutboxRow.objects.update(state="sent", finished_at=MONDAY)
    before = DAY - timedelta(days=1)

    sent = {
        (place.timezone, day): report(me, place, day).amount("sent")
        for place in (here, there)
        for day in (before, DAY)
    }

    assert sent == {
        ("Asia/Shanghai", before): 0,
        ("Asia/Shanghai", DAY): 1,
        ("America/New_York", before): 1,
        ("America/New_York", DAY): 0,
    }


def test_steps_the_system_left_out_and_those_of_a_stopped_run_say_why() -> None:
    me = make_staff("community_manager")
    place = make_place()
    run = make_run(
        make_step(id="OUT", offset="D1 10:00"),
        make_step(id="GIVEN", offset="D1 11:00", **HUMAN),
        make_step(id="COMING", offset="D1 20:00"),
        community=place,
        people=person(me),
    )
    skip_step(me, run.pk, "OUT", "换个说法再发", now=MONDAY)
    live_through(MONDAY, MONDAY + 4 * HOUR)
    stop_run(me, run.pk, "老师病了", now=MONDAY + 5 * HOUR)

    assert told(report(me, place).left_out) == [
        ("OUT", "skipped", me.reference, "换个说法再发"),
        ("GIVEN", "cancelled", me.reference, "老师病了"),
        ("COMING", "cancelled", me.reference, "老师病了"),
    ]


def test_messages_of_the_day_by_state_alike_ones_together() -> None:
    me = make_staff("community_manager")
    place = make_place(members=3)
    make_run(
        make_step(id="ROOM", offset="D1 10:00"),
        make_step(id="ONE", offset="P1 11:00", track="person", kind="touch", audience="person"),
        make_step(id="TOMORROW", offset="D2 10:00"),
        community=place,
    )
    live_and_send(MONDAY, MONDAY + 3 * HOUR, step=HOUR)
    for state in ("unknown", "failed", "awaiting_person"):
        make_row(key=state, community_id=place.pk, due_at=MONDAY + 4 * HOUR, purpose=state)
        OutboxRow.objects.filter(key=state).update(state=state)
    waited = make_row(key="waited", community_id=place.pk, due_at=MONDAY - 48 * HOUR)
    OutboxRow.objects.filter(pk=waited.pk).update(state="sent", finished_at=MONDAY + HOUR / 2)

    found = report(me, place)

    assert [(one.state, one.kind, one.amount, one.text) for one in found.messages] == [
        ("sent", "say", 1, ""),
        ("sent", "say", 1, f"早安，{place.name}"),
        ("sent", "touch", 3, ""),
        ("unknown", "say", 1, ""),
        ("failed", "say", 1, ""),
        ("awaiting_person", "say", 1, ""),
    ]
    assert (found.amount("sent"), found.amount("unknown", "failed")) == (5, 2)
    assert report(me, place, DAY - timedelta(days=2)).messages == []


def test_only_who_may_view_its_reports_gets_one() -> None:
    place = make_place()
    lead, editor = make_staff("community_manager", place), make_staff("content_editor", place)

    assert report(lead, place).is_empty
    assert report(make_owner(), place).is_empty
    for actor in (editor, make_stranger(), make_staff("community_manager", make_place())):
        with pytest.raises(Missing):
            report(actor, place)


def test_another_communitys_day_is_not_in_it() -> None:
    me = make_staff("community_manager")
    mine = lived(me, make_step(id="OPEN", offset="D1 12:00", **HUMAN)).community
    other = make_place()

    assert not report(me, mine).is_empty
    assert report(me, other).is_empty


def test_it_asks_as_often_for_many_lines_as_for_one() -> None:
    me = make_staff("community_manager")

    def asked(offset: str) -> tuple[int, int]:
        place = make_place()
        lived(me, make_step(id="A", offset=offset, **HUMAN), place=place)
        make_row(key=f"x:{place.pk}", community_id=place.pk, due_at=MONDAY)
        report(me, place)  # the edition's steps are read once per process
        with CaptureQueriesContext(connection) as queries:
            found = report(me, place)
        return len(found.unfinished), len(queries)

    one, three = asked("D1 10:00"), asked("D1 10:00, D1 11:00, D1 12:00")

    assert (one[0], three[0]) == (1, 3)
    assert one[1] == three[1] <= 8
