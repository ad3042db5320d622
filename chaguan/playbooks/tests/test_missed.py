"""A prepared message has an end: nobody's yes sends "tonight at eight" at a quarter past ten."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.channels import sender
from chaguan.channels.actions import sending
from chaguan.channels.models import Account, Rehearsal
from chaguan.communities.models import Room
from chaguan.communities.testing import make_staff, make_stranger
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel.errors import Refused
from chaguan.outbox.actions import TooLate
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.assignments import (
    approve_assignment,
    complete_assignment,
    skip_assignment,
)
from chaguan.playbooks.actions.missed import send_missed
from chaguan.playbooks.actions.rescheduling import reschedule
from chaguan.playbooks.engine.ends import end_what_waited
from chaguan.playbooks.errors import AlreadyDecided
from chaguan.playbooks.events import AssignmentDone
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.board import board_of
from chaguan.playbooks.selectors.outcomes import run_outcome
from chaguan.playbooks.selectors.runs import run_board
from chaguan.playbooks.testing import MONDAY, live_and_send, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SIX = MONDAY + 9 * HOUR  # 18:00 in Shanghai
EIGHT = MONDAY + 11 * HOUR
PRIVATE = {"track": "person", "kind": "touch", "audience": "person"}
TONIGHT = {"mode": "assist", "actor": "operator", "late_after": "2h", "text": "今晚八点，等您"}


def tonight(*steps: dict[str, Any], members: int = 1, **over: Any) -> tuple[Any, Any, Any]:
    """A run of an operator who prepared "tonight at eight" for six o'clock; she, the run, the place."""
    place = make_place(members=members, **over)
    me = make_staff("community_manager", place)
    run = make_run(
        *(steps or [make_step(id="T", offset="P1 18:00", **TONIGHT, **PRIVATE)]),
        community=place,
        people={"operator": Person(user_id=me.user_id)},
    )
    live_and_send(SIX, SIX + MINUTE)
    return me, run, place


def fate(row: OutboxRow) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.reason


def test_what_nobody_agreed_to_in_time_is_over_and_its_line_closes() -> None:
    me, run, _place = tonight()
    row, line = OutboxRow.objects.get(), Assignment.objects.get()

    assert (row.state, row.expires_at) == ("awaiting_person", EIGHT)
    assert end_what_waited(EIGHT - MINUTE) == 0
    assert end_what_waited(EIGHT) == 1
    assert end_what_waited(EIGHT) == 0

    line.refresh_from_db()
    assert fate(row) == ("expired", "too_late")
    assert (line.state, line.done_at, line.done_by) == ("expired", EIGHT, "system:clock")
    with pytest.raises(TooLate):
        approve_assignment(me, line.pk, now=EIGHT + MINUTE)
    with pytest.raises(TooLate):
        skip_assignment(me, line.pk, "不发了", now=EIGHT + MINUTE)
    with pytest.raises(TooLate):
        sending.approve(me, row.pk, now=EIGHT + MINUTE)
    columns = {column.code: column for column in board_of(run, now=EIGHT + MINUTE)}
    assert [card.step.code for card in columns["late"].cards] == ["T"]
    assert columns["late"].reasons == [("too_late", 1)]
    assert [found.state for found in run_board(run).lines] == ["late"]
    done = run_outcome(run, now=EIGHT + MINUTE).completion
    assert (done.amount, done.of) == (0, 1)
    live_and_send(EIGHT, EIGHT + HOUR)
    assert not Rehearsal.objects.exists()


def test_a_yes_just_after_the_end_is_refused_and_she_may_send_it_anyway() -> None:
    me, _run, _place = tonight()
    row, line = OutboxRow.objects.get(), Assignment.objects.get()

    with pytest.raises(TooLate):  # the worker has not looked yet
        approve_assignment(me, line.pk, now=EIGHT)
    with pytest.raises(TooLate):
        sending.approve(me, row.pk, now=EIGHT)
    assert fate(row) == ("awaiting_person", "needs_approval")
    with pytest.raises(Refused):
        send_missed(make_stranger(), line.pk, now=EIGHT)

    send_missed(me, line.pk, now=EIGHT + MINUTE, note="还来得及")

    live_and_send(EIGHT + MINUTE, EIGHT + 2 * MINUTE)
    line.refresh_from_db()
    assert fate(row) == ("sent", "")
    assert (row.expires_at, row.decided_by) == (None, me.reference)
    assert (line.state, line.note, line.done_by) == ("done", "还来得及", me.reference)
    assert Rehearsal.objects.count() == len(recorded(AssignmentDone.name)) == 1
    with pytest.raises(AlreadyDecided):
        send_missed(me, line.pk, now=EIGHT + HOUR)


def test_what_is_over_goes_from_the_outbox_page_too_and_its_line_is_done() -> None:
    me, _run, _place = tonight()
    row, line = OutboxRow.objects.get(), Assignment.objects.get()
    end_what_waited(EIGHT)

    sending.send_anyway(me, row.pk, now=EIGHT + MINUTE)
    live_and_send(EIGHT + MINUTE, EIGHT + 2 * MINUTE)
    drain()

    line.refresh_from_db()
    assert (fate(row), line.state) == (("sent", ""), "done")


def test_who_sent_it_by_hand_late_says_so() -> None:
    me, _run, _place = tonight()
    line = Assignment.objects.get()
    end_what_waited(EIGHT)

    complete_assignment(me, line.pk, now=EIGHT + HOUR)

    line.refresh_from_db()
    assert (line.state, fate(OutboxRow.objects.get())) == ("done", ("sent", "by_person"))


def test_what_was_agreed_to_is_not_put_off_beyond_its_end() -> None:
    """She agreed at half past nine to a message of nine o'clock; the quiet hours begin before it goes."""
    step = make_step(id="T", offset="P1 21:00", **{**TONIGHT, "late_after": "3h"}, **PRIVATE)
    me, _run, _place = tonight(step)
    nine = MONDAY + 12 * HOUR
    live_and_send(nine, nine + MINUTE)
    row = OutboxRow.objects.get()

    approve_assignment(me, Assignment.objects.get().pk, now=nine + 30 * MINUTE)
    sender.tick(nine + 2 * HOUR)

    assert fate(row) == ("expired", "too_late")


def test_what_goes_by_itself_takes_its_end_along_through_the_night() -> None:
    place = make_place(members=1)
    make_run(
        make_step(id="N", offset="P1 23:00", late_after="1h", text="晚安", **PRIVATE),
        community=place,
    )
    eleven = MONDAY + 14 * HOUR
    live_and_send(eleven, eleven + MINUTE)
    row = OutboxRow.objects.get()

    morning = eleven + 8.5 * HOUR
    assert (row.state, row.due_at, row.expires_at) == ("planned", morning, morning + HOUR)
    live_and_send(morning, morning + MINUTE)
    assert fate(row) == ("sent", "")


def test_a_window_ends_later_and_other_policies_never() -> None:
    assist = {"mode": "assist", "actor": "operator"}
    make_run(
        make_step(id="WINDOW", offset="D1–D2", **assist),
        make_step(id="PERSON", offset="P1–P2", **TONIGHT, **PRIVATE),
        make_step(id="SEND", offset="D1 18:00", lateness="send", **assist),
        make_step(id="ASK", offset="D1 18:00", lateness="ask", **assist),
        community=make_place(members=1),
        people={"operator": Person(user_id=make_staff("community_manager").user_id)},
    )
    live_and_send(MONDAY, SIX, step=HOUR)
    ends = {row.key.split("/")[1]: row.expires_at for row in OutboxRow.objects.all()}

    closes = MONDAY + 36 * HOUR  # 21:00 on the second day
    assert ends == {
        "WINDOW": closes + 6 * HOUR,
        "PERSON": closes + 2 * HOUR,
        "SEND": None,
        "ASK": None,
    }
    assert end_what_waited(closes + HOUR) == 0


def test_a_step_for_a_room_that_was_missed_gets_another_time() -> None:
    step = make_step(id="T", offset="D1 18:00", **TONIGHT)
    me, run, _place = tonight(step)
    line = Assignment.objects.get()
    end_what_waited(EIGHT)
    line.refresh_from_db()
    assert line.state == "expired"

    tomorrow = SIX + timedelta(days=1)
    reschedule(me, run.pk, [line.occurrence_id or 0], tomorrow, "明天再说", now=EIGHT + HOUR)
    live_and_send(tomorrow, tomorrow + MINUTE)

    line.refresh_from_db()
    assert (line.state, line.due_at) == ("open", tomorrow)
    assert fate(OutboxRow.objects.get()) == ("awaiting_person", "needs_approval")


def test_a_channel_out_of_reach_ends_too_by_an_index_of_its_own(
    django_assert_num_queries: Any,
) -> None:
    place = make_place(members=0)
    Account.objects.update(connector="manual")
    Room.objects.update(connector="manual")
    make_run(make_step(id="R", offset="D1 18:00", late_after="2h"), community=place)
    live_and_send(SIX, SIX + MINUTE)
    row = OutboxRow.objects.get()
    assert fate(row) == ("awaiting_person", "no_api")

    with CaptureQueriesContext(connection) as asked:
        assert end_what_waited(SIX) == 0
    assert len(asked) == 1
    with django_assert_num_queries(6):  # two of them the transaction's
        assert end_what_waited(EIGHT) == 1
    assert fate(row) == ("expired", "too_late")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {asked[0]['sql']}")
        plan = str(cursor.fetchall())
    assert "outbox_waiting_end" in plan
