"""What people do with their assignments: tick them off, leave them out, approve what was prepared."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chaguan.channels.events import MessageSent
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.errors import AlreadyDecided, NoteMissing, ProofMissing
from chaguan.playbooks.events import AssignmentDone, AssignmentSkipped
from chaguan.playbooks.models import Assignment, Occurrence
from chaguan.playbooks.policies import may_do_assignment
from chaguan.playbooks.types import AssignmentState, Mode, StepState


@transaction.atomic
def complete_assignment(
    actor: Actor, assignment_id: int, *, now: datetime, note: str = "", proof: str = ""
) -> Assignment:
    """Tick an assignment off. Messages prepared for it count as sent by this person.

    Emits: AssignmentDone; MessageSent for each prepared message.
    Raises: Missing, Refused, AlreadyDecided; NoteMissing where the step must stay human or wants a note;
    ProofMissing where it wants a proof.
    """
    assignment = _open(actor, assignment_id)
    step = known_step(assignment.step_id)
    wants_note = step.row.mode == Mode.HUMAN or step.document.proof == "note"
    if wants_note and not note.strip():
        raise NoteMissing
    if step.document.proof == "link" and not proof.strip():
        raise ProofMissing
    for row in prepared(assignment).filter(state=OutboxRow.State.AWAITING_PERSON):
        outbox.sent_by_person(actor, row.pk, now=now)
        _record_sent(actor, row, now)
    _close(actor, assignment, AssignmentState.DONE, now, note=note, proof=proof)
    _record_done(actor, assignment, now)
    return assignment


@transaction.atomic
def approve_assignment(
    actor: Actor, assignment_id: int, *, now: datetime, note: str = ""
) -> Assignment:
    """Let the prepared messages go through their channel; the assignment is done when they are sent.

    Raises: Missing, Refused, Invalid when nothing is prepared, or when the same person started the run
    and the step wants a second one.
    """
    assignment = _open(actor, assignment_id)
    rows = list(prepared(assignment).filter(state=OutboxRow.State.AWAITING_PERSON))
    if not rows:
        raise Invalid(
            _("Nothing is ready for this step yet. Try again in a moment."), code="not_ready"
        )
    for row in rows:
        if row.payload.get("second_person") and row.payload.get("started_by") == actor.reference:
            raise Invalid(
                _("The one who started this cannot approve it. Ask a colleague to look at it."),
                code="same_person",
            )
        outbox.approve(actor, row.pk, now=now)
    _close(actor, assignment, AssignmentState.DONE, now, note=note)
    _record_done(actor, assignment, now)
    return assignment


@transaction.atomic
def skip_assignment(actor: Actor, assignment_id: int, reason: str, *, now: datetime) -> Assignment:
    """Leave an assignment out, with a reason; what was prepared for it is cancelled.

    Emits: AssignmentSkipped. Raises: Missing, Refused, AlreadyDecided, Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(_("Say in a few words why this is left out."), code="reason_missing")
    assignment = _open(actor, assignment_id)
    keys = [row.key for row in prepared(assignment)]
    if keys:
        outbox.cancel(actor, now=now, reason="step_skipped", keys=keys)
    _close(actor, assignment, AssignmentState.SKIPPED, now, note=reason)
    fact = AssignmentSkipped(
        assignment.community_id,
        assignment.pk,
        assignment.run_id,
        known_step(assignment.step_id).row.code,
        reason[:200],
    )
    record(fact, actor=actor, at=now)
    return assignment


@transaction.atomic
def check_assignment(actor: Actor, assignment_id: int, *, now: datetime) -> Assignment:
    """The checker of the step has looked at what was done. Raises: Missing, Refused, AlreadyDecided."""
    assignment = _found(actor, assignment_id)
    if assignment.state != AssignmentState.DONE or assignment.checked_at is not None:
        raise AlreadyDecided
    if assignment.done_by == actor.reference:
        raise Invalid(_("Somebody else checks what you did yourself."), code="same_person")
    assignment.checked_at, assignment.checked_by = now, actor.reference
    assignment.save(update_fields=["checked_at", "checked_by"])
    return assignment


@transaction.atomic
def send_late_step(actor: Actor, assignment_id: int, *, now: datetime) -> Assignment:
    """A missed step that asks goes out after all: its dated step falls due now.

    Raises: Missing, Refused, AlreadyDecided, Invalid for an assignment that asks nothing.
    """
    assignment = _open(actor, assignment_id)
    if not assignment.is_late_question or assignment.occurrence_id is None:
        raise Invalid(_("This step was not missed."), code="not_late")
    Occurrence.objects.filter(pk=assignment.occurrence_id, state=StepState.ASKED).update(
        state=StepState.WAITING, due_at=now, closes_at=None, done_at=None
    )
    _close(actor, assignment, AssignmentState.DONE, now)
    return assignment


@transaction.atomic
def bring_forward(actor: Actor, occurrence_id: int, *, now: datetime) -> None:
    """Do a dated step now instead of later. Raises: Missing, AlreadyDecided."""
    row = Occurrence.objects.select_related("run").filter(pk=occurrence_id).first()
    probe = Assignment(community_id=row.run.community_id) if row else None
    if row is None or probe is None or not may_do_assignment(actor, probe):
        raise Missing
    moved = Occurrence.objects.filter(pk=row.pk, state=StepState.WAITING, due_at__gt=now)
    if not moved.update(due_at=now, closes_at=None):
        raise AlreadyDecided


def tick_sent(outbox_ids: Sequence[int], *, at: datetime) -> int:
    """Close the lines whose prepared messages went out by themselves. Three statements."""
    keys = set(all_rows().filter(pk__in=outbox_ids).values_list("key", flat=True))
    keys |= {key.rpartition("/")[0] + "/" for key in keys}
    rows = list(Assignment.objects.filter(outbox_key__in=keys, state=AssignmentState.OPEN))
    return Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=AssignmentState.DONE, done_at=at, done_by="system:sender"
    )


def prepared(assignment: Assignment) -> QuerySet[OutboxRow]:
    """The messages prepared for an assignment: its own key, or all that begin with it."""
    if not assignment.outbox_key:
        return all_rows().none()
    return all_rows().filter(key__startswith=assignment.outbox_key)


def _found(actor: Actor, assignment_id: int) -> Assignment:
    row = Assignment.objects.select_for_update(of=("self",)).filter(pk=assignment_id).first()
    if row is None:
        raise Missing
    require(may_do_assignment(actor, row))
    return row


def _open(actor: Actor, assignment_id: int) -> Assignment:
    row = _found(actor, assignment_id)
    if row.state != AssignmentState.OPEN:
        raise AlreadyDecided
    return row


def _close(
    actor: Actor,
    assignment: Assignment,
    state: AssignmentState,
    now: datetime,
    *,
    note: str = "",
    proof: str = "",
) -> None:
    assignment.state, assignment.done_at, assignment.done_by = state, now, actor.reference
    assignment.note, assignment.proof = note.strip(), proof.strip()[:500]
    assignment.save(update_fields=["state", "done_at", "done_by", "note", "proof"])


def _record_done(actor: Actor, assignment: Assignment, now: datetime) -> None:
    step = known_step(assignment.step_id).row
    fact = AssignmentDone(
        community_id=assignment.community_id,
        assignment_id=assignment.pk,
        run_id=assignment.run_id,
        step=step.code,
        role=assignment.role,
        mode=step.mode,
        minutes=step.minutes,
        member_id=assignment.about_id,
    )
    record(fact, actor=actor, at=now)


def _record_sent(actor: Actor, row: OutboxRow, now: datetime) -> None:
    fact = MessageSent(
        outbox_id=row.pk,
        kind=row.kind,
        community_id=row.community_id,
        room_id=row.room_id,
        member_id=row.member_id,
    )
    record(fact, actor=actor, at=now, source="outbox", source_id=str(row.pk))
