"""Late, failed and skipped steps get another time, with a reason, and nothing is sent twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chaguan.channels import contract
from chaguan.channels.contract import DeliveryError
from chaguan.channels.models import Account, Rehearsal
from chaguan.channels.testing import BUSY, Scripted, make_account
from chaguan.communities.testing import make_community, make_room, make_staff, make_stranger
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.assignments import skip_assignment
from chaguan.playbooks.actions.rescheduling import reschedule, restore_step, shift_step
from chaguan.playbooks.actions.runs import pause_run, resume_run, shift_run, skip_step
from chaguan.playbooks.events import StepRestored, StepsMoved
from chaguan.playbooks.models import Assignment, Occurrence, Run, StepMove
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.runs import run_board
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
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN = MONDAY + HOUR


def channel(monkeypatch: pytest.MonkeyPatch, scripted: Scripted) -> tuple[Account, Any]:
    """A community whose only room is on a channel that answers from a script."""
    items = {**dict(contract.connectors), "scripted": scripted}
    monkeypatch.setattr(contract.connectors, "_items", items)
    account = make_account("scripted")
    place = make_community()
    make_room(place, connector="scripted", account_id=account.pk)
    return account, place


def state_of(run: Run, code: str = "A-1") -> str:
    return next(line.state for line in run_board(run).lines if line.step.code == code)


@pytest.mark.req("SOP-14")
@pytest.mark.parametrize("is_idempotent", [True, False])
def test_a_failing_channel_makes_a_failed_step_that_is_rescheduled_and_sent_once(
    monkeypatch: pytest.MonkeyPatch, is_idempotent: bool
) -> None:
    refusals = [BUSY] * 6
    scripted = Scripted(*refusals, is_idempotent=is_idempotent)
    _account, place = channel(monkeypatch, scripted)
    run = make_run(make_step(), make_step(id="OTHER", offset="D3 10:00"), community=place)

    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=timedelta(minutes=10))

    row = OutboxRow.objects.get()  # six tries with growing pauses, then visible, not lost
    assert (row.state, row.reason, row.detail, row.attempts) == (
        "failed", "too_many_attempts", "busy", 6,
    )  # fmt: skip
    assert (state_of(run), scripted.got) == ("failed", [])
    failed = Occurrence.objects.get(step__code="A-1")
    moved = reschedule(
        SYSTEM, run.pk, [failed.pk], MONDAY + DAY, "通道恢复了", now=MONDAY + 3 * HOUR
    )
    assert (moved, state_of(run)) == (1, "done")
    live_and_send(MONDAY + 3 * HOUR, MONDAY + 6 * HOUR, step=HOUR)
    assert scripted.got == []  # not before its new time
    live_and_send(MONDAY + DAY, MONDAY + DAY + 2 * HOUR, step=HOUR)
    assert [message.key for message in scripted.got] == [row.key]

    with pytest.raises(Invalid) as nothing:  # what arrived is not sent again
        reschedule(SYSTEM, run.pk, [failed.pk], MONDAY + 3 * DAY, "再来", now=MONDAY + 2 * DAY)
    assert nothing.value.code == "nothing_to_move"
    live_and_send(MONDAY + 2 * DAY, MONDAY + 4 * DAY, step=HOUR)
    assert len(scripted.got) == len({message.key for message in scripted.got}) == 2
    assert recorded(StepsMoved.name) == [StepsMoved(place.pk, run.pk, "A-1", 1, "通道恢复了")]


@pytest.mark.req("SOP-14")
def test_a_step_in_doubt_is_never_sent_a_second_time_by_rescheduling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripted = Scripted(ValueError("lost in the call"), is_idempotent=False)
    _account, place = channel(monkeypatch, scripted)
    run = make_run(make_step(), community=place)
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)
    assert (OutboxRow.objects.get().state, state_of(run)) == ("unknown", "unknown")

    with pytest.raises(Invalid):
        reschedule(
            SYSTEM,
            run.pk,
            [Occurrence.objects.get().pk],
            MONDAY + DAY,
            "再试",
            now=MONDAY + 3 * HOUR,
        )

    live_and_send(MONDAY + DAY, MONDAY + DAY + HOUR, step=HOUR)
    assert (OutboxRow.objects.get().state, scripted.got) == ("unknown", [])


@pytest.mark.req("SOP-14")
def test_late_and_skipped_steps_are_seen_with_a_reason_and_rescheduled_in_bulk() -> None:
    place = make_place(members=1)
    run = make_run(
        make_step(id="LATE", offset="D1 10:00"),
        make_step(id="LATER", offset="D1 11:00"),
        make_step(id="NEXT", offset="D2 20:00"),
        community=place,
    )
    evening = MONDAY + 10 * HOUR
    live_through(evening, evening)  # the worker was off all day
    states = {line.step.code: line.state for line in run_board(run).lines}
    assert states == {"LATE": "late", "LATER": "late", "NEXT": "waiting"}
    ids = list(Occurrence.objects.filter(state="late").values_list("pk", flat=True))

    for at, reason, code in (
        (MONDAY, "补发", "past"),
        (MONDAY + DAY, " ", "reason_missing"),
    ):
        with pytest.raises(Invalid) as refusal:
            reschedule(SYSTEM, run.pk, ids, at, reason, now=evening)
        assert refusal.value.code == code
    with pytest.raises(Missing):
        reschedule(make_stranger(), run.pk, ids, MONDAY + DAY, "补发", now=evening)
    assert Occurrence.objects.filter(state="late").count() == 2
    assert reschedule(SYSTEM, run.pk, ids, MONDAY + DAY, "服务器停了", now=evening) == 2

    live_and_send(MONDAY + DAY, MONDAY + DAY + HOUR, step=HOUR)
    assert Rehearsal.objects.count() == 2
    assert set(StepMove.objects.values_list("reason", flat=True)) == {"服务器停了"}
    assert recorded(StepsMoved.name)[0].steps == "LATE,LATER"  # type: ignore[attr-defined] # StepsMoved


def test_a_skipped_step_is_put_back_where_it_is_still_to_come() -> None:
    run = make_run(make_step(offset="D1–D3 10:00"), community=make_place())
    skip_step(SYSTEM, run.pk, "A-1", "放假", now=MONDAY)
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)
    assert Rehearsal.objects.count() == 0

    came_back = restore_step(SYSTEM, run.pk, "A-1", now=MONDAY + 3 * HOUR)
    live_and_send(MONDAY + 3 * HOUR, MONDAY + 3 * DAY, step=HOUR)

    assert came_back == 2
    assert Rehearsal.objects.count() == 2
    assert recorded(StepRestored.name) == [StepRestored(run.community_id, run.pk, "A-1")]
    first = Occurrence.objects.order_by("due_at")[0]
    assert (first.state, first.reason) == ("skipped", "放假")
    with pytest.raises(Missing):
        restore_step(SYSTEM, run.pk, "A-1", now=MONDAY + 3 * HOUR)


def test_messages_on_their_way_come_back_with_their_step() -> None:
    run = make_run(make_step(offset="D1 23:30"), community=make_place())
    night = MONDAY + timedelta(hours=14, minutes=30)
    live_and_send(night, night + timedelta(minutes=5))
    assert OutboxRow.objects.get().reason == "quiet_hours"
    skip_step(SYSTEM, run.pk, "A-1", "太晚了", now=night + HOUR)
    assert OutboxRow.objects.get().state == "cancelled"

    restore_step(SYSTEM, run.pk, "A-1", now=night + 2 * HOUR)
    live_and_send(night + 2 * HOUR, night + 12 * HOUR, step=HOUR)

    assert Rehearsal.objects.count() == 1


def dues(run: Run, code: str) -> list[datetime]:
    rows = Occurrence.objects.filter(run=run, step__code=code).order_by("due_at")
    return list(rows.values_list("due_at", flat=True))


def test_one_step_moves_for_a_holiday_and_keeps_its_distance_when_the_run_moves() -> None:
    run = make_run(
        make_step(id="A", offset="D3 10:00"),
        make_step(id="B", offset="D3 11:00"),
        make_step(id="P", track="person", kind="touch", audience="person", offset="P3 10:00"),
        community=make_place(),
    )

    assert shift_step(SYSTEM, run.pk, "A", 1, "元旦补休", now=MONDAY) == 1
    assert dues(run, "A") == [TEN + 3 * DAY]
    assert dues(run, "B") == [TEN + HOUR + 2 * DAY]
    shift_run(SYSTEM, run.pk, 2, now=MONDAY)
    assert dues(run, "A") == [TEN + 5 * DAY]
    assert dues(run, "B") == [TEN + HOUR + 4 * DAY]
    pause_run(SYSTEM, run.pk, now=MONDAY + HOUR)
    resume_run(SYSTEM, run.pk, now=MONDAY + DAY)
    assert dues(run, "A") == [TEN + 6 * DAY]
    assert shift_step(SYSTEM, run.pk, "A", -1, "又不放了", now=MONDAY + DAY) == 1
    assert dues(run, "A") == [TEN + 5 * DAY]
    for days, reason, code in ((0, "x", "days"), (400, "x", "days"), (1, "", "reason_missing")):
        with pytest.raises(Invalid) as refusal:
            shift_step(SYSTEM, run.pk, "A", days, reason, now=MONDAY + DAY)
        assert refusal.value.code == code
    with pytest.raises(Invalid) as personal:
        shift_step(SYSTEM, run.pk, "P", 1, "x", now=MONDAY + DAY)
    assert personal.value.code == "personal_step"
    with pytest.raises(Missing):
        shift_step(make_stranger(), run.pk, "A", 1, "x", now=MONDAY + DAY)


def test_a_line_left_out_comes_back_with_its_message() -> None:
    me = make_staff("community_manager")
    run = make_run(
        make_step(mode="assist", actor="operator"),
        community=make_place(),
        people={"operator": Person(user_id=me.user_id)},
    )
    live_and_send(MONDAY, MONDAY + HOUR, step=HOUR)
    line = Assignment.objects.get()
    skip_assignment(me, line.pk, "忙不过来", now=MONDAY + 2 * HOUR)

    at = MONDAY + DAY
    assert reschedule(me, run.pk, [line.occurrence_id or 0], at, "补上", now=MONDAY + 3 * HOUR) == 1
    live_and_send(at, at + HOUR, step=HOUR)

    line.refresh_from_db()
    assert (line.state, line.due_at, line.note) == ("open", at, "")
    assert OutboxRow.objects.get().state == "awaiting_person"


def test_a_late_question_answered_with_a_new_time_becomes_the_work_itself() -> None:
    me = make_staff("community_manager")
    edition = make_edition(
        make_step(
            lateness="ask",
            actor="operator",
            kind="assign",
            mode="human",
            text=None,
            instruction="聊聊",
        )
    )
    run = make_run(
        edition=edition, community=make_place(), people={"operator": Person(user_id=me.user_id)}
    )
    evening = MONDAY + 9 * HOUR
    live_through(evening, evening)
    question = Assignment.objects.get()
    assert question.is_late_question

    at = MONDAY + DAY
    reschedule(me, run.pk, [question.occurrence_id or 0], at, "明天做", now=evening)
    live_through(at, at + HOUR)

    question.refresh_from_db()
    assert (question.state, question.is_late_question, question.due_at) == ("open", False, at)
    assert Assignment.objects.count() == 1


def test_the_channel_error_of_a_single_refusal_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = Scripted(DeliveryError("no such room", retry=False), is_idempotent=True)
    _account, place = channel(monkeypatch, scripted)
    run = make_run(make_step(), community=place)

    live_and_send(MONDAY, MONDAY + HOUR, step=HOUR)

    row = OutboxRow.objects.get()
    assert (row.state, row.reason, row.detail) == ("failed", "refused_by_channel", "no such room")
    assert state_of(run) == "failed"
