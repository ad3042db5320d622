import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.channels.models import Rehearsal
from chaguan.communities.testing import make_member, make_staff, make_stranger
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Refused
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.assignments import (
    approve_assignment,
    bring_forward,
    check_assignment,
    complete_assignment,
    send_late_step,
    skip_assignment,
)
from chaguan.playbooks.errors import AlreadyDecided, NoteMissing, ProofMissing
from chaguan.playbooks.events import AssignmentDone
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.runs import run_board
from chaguan.playbooks.selectors.sheets import SheetLine, sheet_csv, sheet_of
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_and_send,
    live_through,
    make_edition,
    make_run,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 1, 5)
HOUR = timedelta(hours=1)
HUMAN = {
    "text": None,
    "kind": "assign",
    "mode": "human",
    "actor": "operator",
    "instruction": "聊聊",
}


def sheet(actor: Actor, hours: int = 12) -> list[SheetLine]:
    return sheet_of(actor, DAY, SHANGHAI, now=MONDAY + hours * HOUR)


def as_person(actor: Actor) -> Person:
    return Person(user_id=actor.user_id, member_id=actor.member_id)


@pytest.mark.req("SOP-11")
def test_the_sheet_shows_all_runs_by_time_and_a_tick_updates_the_run() -> None:
    me = make_staff("community_manager")
    first, second = make_place(), make_place()
    people = {"operator": as_person(me)}
    edition = make_edition(
        make_step(id="LATE", offset="D1 15:00", title="=下午", **HUMAN | {"mode": "assist"}),
        make_step(id="EARLY", offset="D1 10:00", **HUMAN | {"mode": "assist"}),
        make_step(id="TOMORROW", offset="D2 10:00", **HUMAN),
    )
    runs = [make_run(edition=edition, community=place, people=people) for place in (first, second)]
    live_through(MONDAY, MONDAY + 3 * HOUR)

    lines = sheet(me)

    assert [(line.step.id, line.community, line.state) for line in lines] == [
        ("EARLY", first.name, "late"),
        ("EARLY", second.name, "late"),
        ("LATE", first.name, "upcoming"),
        ("LATE", second.name, "upcoming"),
    ]
    given = lines[0].assignment
    assert given is not None
    complete_assignment(me, given.pk, note="看过了", now=MONDAY + 3 * HOUR)
    assert [line.state for line in sheet(me)] == ["done", "late", "upcoming", "upcoming"]
    board = {line.step.code: line for line in run_board(runs[0]).lines}
    assert (board["EARLY"].state, board["EARLY"].done_lines) == ("done", 1)
    done = recorded(AssignmentDone.name)
    assert done == [
        AssignmentDone(first.pk, given.pk, runs[0].pk, "EARLY", "operator", "assist", 0)
    ]
    rows = list(csv.reader(StringIO(sheet_csv(sheet(me), SHANGHAI))))
    assert len(rows) == 5
    assert rows[3][:4] == ["2026-01-05 15:00", first.name, "LATE", "'=下午"]


@pytest.mark.req("PRIN-01")
def test_the_sheet_shows_the_purpose_next_to_the_prepared_text() -> None:
    me = make_staff("community_manager")
    make_run(
        make_step(mode="assist", actor="operator"),
        community=make_place(),
        people={"operator": as_person(me)},
    )
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)

    line = sheet(me)[0]

    assert line.purpose == "让大家想起来看看"
    assert line.text == f"早安，{line.community}"


@pytest.mark.req("PRIN-08")
def test_a_human_step_never_enters_the_outbox_and_wants_a_note() -> None:
    me = make_staff("community_manager")
    make_run(
        make_step(id="A", **HUMAN),
        make_step(id="P", offset="P1 11:00", track="person", audience="person", **HUMAN),
        community=make_place(members=2),
        people={"operator": as_person(me)},
    )
    live_and_send(MONDAY, MONDAY + 5 * HOUR, step=HOUR)

    assert OutboxRow.objects.count() == 0
    lines = list(Assignment.objects.order_by("id"))
    assert [line.step.code for line in lines] == ["A", "P", "P"]
    assert {line.outbox_key for line in lines} == {""}
    with pytest.raises(NoteMissing):
        complete_assignment(me, lines[1].pk, now=MONDAY, note="  ")
    lines[1].refresh_from_db()
    assert (lines[1].state, recorded(AssignmentDone.name)) == ("open", [])
    complete_assignment(me, lines[1].pk, now=MONDAY, note="聊了十分钟，想先看看")
    lines[1].refresh_from_db()
    assert (lines[1].state, lines[1].note) == ("done", "聊了十分钟，想先看看")
    assert OutboxRow.objects.count() == 0


def prepared(**over: Any) -> tuple[Actor, Assignment]:
    me = make_staff("community_manager")
    make_run(
        make_step(mode="assist", actor="operator", **over),
        community=make_place(),
        people={"operator": as_person(me)},
    )
    live_and_send(MONDAY, MONDAY + HOUR, step=HOUR)
    return me, Assignment.objects.get()


def test_an_approved_message_goes_through_its_channel_once() -> None:
    me, line = prepared()
    assert Rehearsal.objects.count() == 0

    approve_assignment(me, line.pk, now=MONDAY + 2 * HOUR)
    live_and_send(MONDAY + 2 * HOUR, MONDAY + 4 * HOUR, step=HOUR)

    assert Rehearsal.objects.count() == 1
    line.refresh_from_db()
    assert line.state == "done"
    with pytest.raises(AlreadyDecided):
        approve_assignment(me, line.pk, now=MONDAY + 4 * HOUR)


def test_a_message_sent_by_hand_is_ticked_with_its_assignment() -> None:
    me, line = prepared()

    complete_assignment(me, line.pk, now=MONDAY + 2 * HOUR)
    live_and_send(MONDAY + 2 * HOUR, MONDAY + 4 * HOUR, step=HOUR)

    row = OutboxRow.objects.get()
    assert (row.state, row.reason, row.decided_by) == ("sent", "by_person", me.reference)
    assert Rehearsal.objects.count() == 0


def test_a_line_left_out_cancels_its_message() -> None:
    me, line = prepared()

    skip_assignment(me, line.pk, "今天群里有别的事", now=MONDAY + 2 * HOUR)

    row = OutboxRow.objects.get()
    assert (row.state, row.reason) == ("cancelled", "step_skipped")


def test_a_message_sent_elsewhere_closes_its_line() -> None:
    me, line = prepared()
    from chaguan.channels.actions.sending import sent_by_person

    sent_by_person(me, OutboxRow.objects.get().pk, now=MONDAY + 2 * HOUR)
    with clock.moved_to(MONDAY + 2 * HOUR):
        drain()

    line.refresh_from_db()
    assert (line.state, line.done_by) == ("done", "system:sender")


def test_a_proof_is_asked_for_and_a_second_person_checks() -> None:
    me = make_staff("community_manager")
    make_run(
        make_step(proof="link", **HUMAN | {"mode": "assist"}),
        community=make_place(),
        people={"operator": as_person(me)},
    )
    live_through(MONDAY, MONDAY + 2 * HOUR)
    line = Assignment.objects.get()
    with pytest.raises(ProofMissing):
        complete_assignment(me, line.pk, now=MONDAY)
    complete_assignment(me, line.pk, now=MONDAY, proof="https://example.org/1")

    checked = check_assignment(SYSTEM, line.pk, now=MONDAY + HOUR)

    assert checked.checked_by == "system:tests"


def test_a_missed_step_goes_out_when_a_person_says_so() -> None:
    me = make_staff("community_manager")
    make_run(
        make_step(lateness="ask", actor="operator"),
        community=make_place(),
        people={"operator": as_person(me)},
    )
    evening = MONDAY + 9 * HOUR
    live_through(evening, evening)
    question = Assignment.objects.get()
    assert (question.is_late_question, OutboxRow.objects.count()) == (True, 0)

    send_late_step(me, question.pk, now=evening)
    live_through(evening, evening + HOUR)

    assert OutboxRow.objects.count() == 1


def test_a_dated_step_can_be_done_now_instead_of_later() -> None:
    me = make_staff("community_manager")
    make_run(
        make_step(offset="D1 20:00", **HUMAN),
        community=make_place(),
        people={"operator": as_person(me)},
    )
    upcoming = sheet(me)[0]
    assert (upcoming.state, upcoming.occurrence is not None) == ("upcoming", True)
    assert upcoming.occurrence is not None

    bring_forward(me, upcoming.occurrence.pk, now=MONDAY + HOUR)
    live_through(MONDAY + HOUR, MONDAY + HOUR)

    assert Assignment.objects.count() == 1


def test_a_stranger_and_another_member_can_tick_nothing() -> None:
    _me, line = prepared()
    other = Actor.member(make_member().pk)

    for actor in (make_stranger(), other):
        with pytest.raises(Refused):
            complete_assignment(actor, line.pk, now=MONDAY + 2 * HOUR)
        assert sheet(actor) == []

    line.refresh_from_db()
    assert line.state == "open"
    assert recorded(AssignmentDone.name) == []
