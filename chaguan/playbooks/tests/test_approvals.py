"""The second person: a sensitive message waits for somebody who did not start the run."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chaguan.channels.actions import sending
from chaguan.channels.models import Rehearsal
from chaguan.communities.testing import make_staff, make_stranger
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.assignments import (
    approve_assignment,
    complete_assignment,
    skip_assignment,
)
from chaguan.playbooks.actions.preview import preview_run
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.errors import SecondPersonNeeded
from chaguan.playbooks.events import ApprovalDecided, AssignmentDone
from chaguan.playbooks.models import Approval, Assignment, Run
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, live_and_send, make_edition, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SENSITIVE = {"needs_approval": True, "lateness": "send"}


def waiting(members: int = 3, **over: Any) -> tuple[Actor, Actor, Run, Assignment]:
    """She who started the run and does the operator's work, a colleague, and the line that waits."""
    place = make_place(members)
    starter = make_staff("community_manager", place)
    colleague = make_staff("community_manager", place)
    edition = make_edition(make_step(**SENSITIVE, **over))
    start = Start(MONDAY.date(), people={"operator": Person(user_id=starter.user_id)})
    run = start_run(starter, edition.pk, place.pk, start, now=MONDAY)
    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)
    return starter, colleague, run, Assignment.objects.get()


def later() -> None:
    live_and_send(MONDAY + 3 * HOUR, MONDAY + 5 * HOUR, step=HOUR)


def test_who_started_it_can_neither_approve_it_nor_tick_it_as_sent() -> None:
    starter, _colleague, _run, line = waiting()

    for act in (approve_assignment, complete_assignment):
        with pytest.raises(SecondPersonNeeded) as refusal:
            act(starter, line.pk, now=MONDAY + 2 * HOUR)
        assert refusal.value.code == "same_person"
    row = OutboxRow.objects.get()
    for decide in (sending.approve, sending.sent_by_person):
        with pytest.raises(sending.SamePerson):
            decide(starter, row.pk, now=MONDAY + 2 * HOUR)

    later()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("awaiting_person", "needs_approval")
    assert Rehearsal.objects.count() == Approval.objects.count() == 0
    assert recorded(ApprovalDecided.name) == recorded(AssignmentDone.name) == []


def test_a_colleague_lets_it_go_and_it_goes_once() -> None:
    starter, colleague, run, line = waiting()

    approve_assignment(colleague, line.pk, now=MONDAY + 2 * HOUR)
    later()

    assert [row.text for row in Rehearsal.objects.all()] == [f"早安，{run.community.name}"]
    kept = Approval.objects.get()
    assert (kept.asked_by, kept.decided_by, kept.decision) == (
        starter.reference,
        colleague.reference,
        "approved",
    )
    assert recorded(ApprovalDecided.name) == [
        ApprovalDecided(run.community_id, run.pk, "A-1", "approved")
    ]


def test_a_colleague_refuses_with_a_reason_and_it_never_goes() -> None:
    _starter, colleague, _run, line = waiting()
    with pytest.raises(Invalid):
        skip_assignment(colleague, line.pk, "  ", now=MONDAY + 2 * HOUR)
    assert Approval.objects.count() == 0

    skip_assignment(colleague, line.pk, "价格写错了", now=MONDAY + 2 * HOUR)
    later()

    kept = Approval.objects.get()
    assert (kept.decision, kept.reason) == ("refused", "价格写错了")
    assert OutboxRow.objects.get().state == "cancelled"
    assert Rehearsal.objects.count() == 0


def test_who_started_it_may_take_it_back_herself() -> None:
    starter, _colleague, _run, line = waiting()

    skip_assignment(starter, line.pk, "今天不合适", now=MONDAY + 2 * HOUR)

    assert (OutboxRow.objects.get().state, Approval.objects.count()) == ("cancelled", 0)


def test_a_row_that_somebody_let_loose_without_a_yes_is_held_at_the_last_door() -> None:
    waiting()
    OutboxRow.objects.update(state="planned", reason="", needs_approval=False)

    later()

    row = OutboxRow.objects.get()
    assert (row.state, row.reason) == ("suppressed", "second_person")
    assert Rehearsal.objects.count() == 0


def test_a_yes_on_the_outbox_page_is_kept_and_survives_a_retry_by_the_first_person() -> None:
    starter, colleague, _run, _line = waiting()
    with clock.moved_to(MONDAY + 2 * HOUR):
        sending.approve(colleague, OutboxRow.objects.get().pk, now=MONDAY + 2 * HOUR)
        drain()
    OutboxRow.objects.update(state="failed", reason="refused_by_channel")

    sending.retry(starter, OutboxRow.objects.get().pk, now=MONDAY + 3 * HOUR)
    later()

    assert Approval.objects.get().decided_by == colleague.reference
    assert Rehearsal.objects.count() == 1


def test_the_database_itself_knows_two_people() -> None:
    starter, _colleague, run, line = waiting()
    row = Approval(
        key=line.outbox_key,
        run=run,
        step=line.step,
        asked_by=starter.reference,
        decided_by=starter.reference,
        decision="approved",
        at=MONDAY,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    row.decided_by, row.decision = "staff:0", "refused"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()  # a no without a reason


def test_a_stranger_decides_nothing() -> None:
    _starter, _colleague, _run, line = waiting()

    for act in (approve_assignment, complete_assignment):
        with pytest.raises(Refused):
            act(make_stranger(), line.pk, now=MONDAY + 2 * HOUR)

    assert Approval.objects.count() == Rehearsal.objects.count() == 0


@pytest.mark.parametrize("members", [1, 12])
def test_a_step_for_many_is_decided_with_as_many_statements_as_for_few(
    members: int, django_assert_num_queries: Any
) -> None:
    _starter, colleague, _run, line = waiting(
        members, kind="touch", audience="newcomer", text="{{ member_name }} 您好"
    )
    assert OutboxRow.objects.filter(state="awaiting_person").count() == members

    with django_assert_num_queries(13):
        approve_assignment(colleague, line.pk, now=MONDAY + 2 * HOUR)

    later()
    assert Rehearsal.objects.count() == members


@pytest.mark.req("SOP-13")
def test_what_was_previewed_is_recorded_once_a_second_person_has_agreed() -> None:
    place = make_place()
    starter, colleague = (make_staff("community_manager", place) for _ in range(2))
    edition = make_edition(
        make_step(id="OPEN", offset="D1 09:30", text="早，{{ community_name }}"),
        make_step(id="SECRET", offset="D1 10:00, D1 11:00", text="{{ time }} 的价格", **SENSITIVE),
    )
    start = Start(MONDAY.date(), people={"operator": Person(user_id=starter.user_id)})
    preview = preview_run(starter, edition.pk, place.pk, start, now=MONDAY)
    promised = [(p.step, p.state, p.text) for p in preview.planned if p.kind == "say"]
    assert promised == [
        ("OPEN", "sent", f"早，{place.name}"),
        ("SECRET", "awaiting_person", "10:00 的价格"),
        ("SECRET", "awaiting_person", "11:00 的价格"),
    ]

    start_run(starter, edition.pk, place.pk, start, now=MONDAY)
    live_and_send(MONDAY, MONDAY + 4 * HOUR, step=HOUR / 2)
    assert [row.text for row in Rehearsal.objects.order_by("at")] == [f"早，{place.name}"]
    first, second = Assignment.objects.order_by("due_at")
    with pytest.raises(SecondPersonNeeded):
        approve_assignment(starter, first.pk, now=MONDAY + 4 * HOUR)
    approve_assignment(colleague, first.pk, now=MONDAY + 4 * HOUR)
    skip_assignment(colleague, second.pk, "重复了", now=MONDAY + 4 * HOUR)
    live_and_send(MONDAY + 4 * HOUR, MONDAY + 6 * HOUR, step=HOUR)

    record = [row.text for row in Rehearsal.objects.order_by("at")]
    assert record == [text for _step, _state, text in promised[:2]]
