"""What people do with their assignments: tick them off, leave them out, approve what was prepared."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.channels.events import MessageSent
from chaguan.eventlog.actions import record, record_many
from chaguan.eventlog.contract import Event
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.actions.approvals import (
    Decision,
    decide_as_second_person,
    wants_second_person,
)
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.errors import AlreadyDecided, NoteMissing, ProofMissing
from chaguan.playbooks.events import AssignmentDone, AssignmentSkipped
from chaguan.playbooks.models import Assignment, Occurrence, ProofImage
from chaguan.playbooks.pictures import clean_picture
from chaguan.playbooks.policies import may_do_assignment
from chaguan.playbooks.types import AssignmentState, Mode, StepState

NOT_READY = gettext_lazy("Nothing is ready for this step yet. Try again in a moment.")
GOING_OUT = gettext_lazy(
    "It was agreed to already and goes out by itself, so do not send it again."
)


@transaction.atomic
def complete_assignment(
    actor: Actor,
    assignment_id: int,
    *,
    now: datetime,
    note: str = "",
    proof: str = "",
    picture: bytes = b"",
) -> Assignment:
    """Tick an assignment off. Messages prepared for it count as sent by this person.

    Emits: AssignmentDone; MessageSent for each prepared message; ApprovalDecided for a sensitive one.
    What was prepared for a time that is over counts, too: she says that she sent it.
    Raises: Missing, Refused, AlreadyDecided; Invalid while the program still sends something of it itself;
    SecondPersonNeeded; NoteMissing where the step must stay human
    or wants a note; ProofMissing where it wants a proof (a picture is one too); BadPicture.
    """
    assignment = _open(actor, assignment_id, is_by_hand=True)
    step = known_step(assignment.step_id)
    wants_note = step.row.mode == Mode.HUMAN or step.document.proof == "note"
    if wants_note and not note.strip():
        raise NoteMissing
    if step.document.proof == "link" and not (proof.strip() or picture):
        raise ProofMissing
    if picture:
        content, content_type = clean_picture(picture)
        ProofImage.objects.create(
            assignment=assignment,
            content=content,
            content_type=content_type,
            by=actor.reference,
            at=now,
        )
    _send_by_hand(actor, assignment, now)
    close_line(actor, assignment, AssignmentState.DONE, now, note=note, proof=proof)
    record_done(actor, assignment, now)
    return assignment


@transaction.atomic
def approve_assignment(
    actor: Actor, assignment_id: int, *, now: datetime, note: str = ""
) -> Assignment:
    """Let the prepared messages go through their channel; the assignment is done when they are sent.

    Emits: AssignmentDone; ApprovalDecided for a sensitive step.
    Raises: Missing, Refused, AlreadyDecided, Invalid when nothing is prepared; TooLate after its end;
    SecondPersonNeeded when the same person started the run and the step wants a second one.
    """
    assignment = _open(actor, assignment_id)
    rows = _waiting(assignment)
    if not rows:
        raise Invalid(NOT_READY, code="not_ready")
    if any(row.expires_at is not None and row.expires_at <= now for row in rows):
        raise outbox.TooLate
    if wants_second_person(rows):
        decide_as_second_person(actor, assignment, Decision.APPROVED, now=now, reason=note)
    outbox.approve_all(actor, [row.key for row in rows], now=now)
    close_line(actor, assignment, AssignmentState.DONE, now, note=note)
    record_done(actor, assignment, now)
    return assignment


@transaction.atomic
def skip_assignment(actor: Actor, assignment_id: int, reason: str, *, now: datetime) -> Assignment:
    """Leave an assignment out, with a reason; what was prepared for it is cancelled.

    For a sensitive message this is the second person's no, or the first one's change of mind.
    Emits: AssignmentSkipped; ApprovalDecided for a second person's no.
    Raises: Missing, Refused, AlreadyDecided, Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(_("Say in a few words why this is left out."), code="reason_missing")
    assignment = _open(actor, assignment_id)
    rows = _waiting(assignment)
    if wants_second_person(rows) and actor.reference != assignment.run.by:
        decide_as_second_person(actor, assignment, Decision.REFUSED, now=now, reason=reason)
    keys = list(prepared(assignment).values_list("key", flat=True))
    if keys:
        outbox.cancel(actor, now=now, reason="step_skipped", keys=keys)
    close_line(actor, assignment, AssignmentState.SKIPPED, now, note=reason)
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
    assignment = found_line(actor, assignment_id)
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
    close_line(actor, assignment, AssignmentState.DONE, now)
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
    """Close the lines whose prepared messages went out by themselves, late ones too. Three statements."""
    keys = set(all_rows().filter(pk__in=outbox_ids).values_list("key", flat=True))
    keys |= {key.rpartition("/")[0] + "/" for key in keys}
    open_states = (AssignmentState.OPEN, AssignmentState.EXPIRED)
    rows = list(Assignment.objects.filter(outbox_key__in=keys, state__in=open_states))
    return Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=AssignmentState.DONE, done_at=at, done_by="system:sender"
    )


def prepared(assignment: Assignment) -> QuerySet[OutboxRow]:
    """The messages prepared for an assignment: its own key, or all that begin with it."""
    key = assignment.outbox_key
    if not key:
        return all_rows().none()
    which = Q(key__gte=key, key__lt=f"{key}~")
    if assignment.occurrence_id is not None:  # newcomers' messages are keyed by the person alone
        head = "/".join(key.split("/")[:2])
        welcomes = Q(key__gte=f"{head}/new/", key__lt=f"{head}/new0")
        which |= welcomes & Q(payload__occurrence=assignment.occurrence_id)
    return all_rows().filter(which)


def _waiting(assignment: Assignment, *, is_by_hand: bool = False) -> list[OutboxRow]:
    """The messages of a line that wait for a person, locked; sent by hand also those that are over."""
    states = [OutboxRow.State.AWAITING_PERSON, *([OutboxRow.State.EXPIRED] if is_by_hand else [])]
    return list(prepared(assignment).filter(state__in=states).select_for_update())


def _send_by_hand(actor: Actor, assignment: Assignment, now: datetime) -> None:
    """Prepared messages count as sent by this person, who is the second one where the step wants that."""
    rows = _waiting(assignment, is_by_hand=True)  # locked first: nobody agrees to one meanwhile
    _refuse_what_goes_out(assignment)
    if wants_second_person(rows):
        decide_as_second_person(actor, assignment, Decision.APPROVED, now=now)
    if rows:
        outbox.sent_by_person_all(actor, [row.key for row in rows], now=now)
        facts = [(MessageSent.of(row), now) for row in rows]
        keys = [str(row.pk) for row in rows]
        record_many(facts, actor=actor, source="outbox", source_ids=keys)


def _refuse_what_goes_out(assignment: Assignment) -> None:
    """Raise Invalid while the program has a message of this line in hand: ticked now, it would go out twice."""
    going = prepared(assignment).filter(
        state__in=[OutboxRow.State.PLANNED, OutboxRow.State.CLAIMED]
    )
    for needs_approval in going.order_by("needs_approval").values_list("needs_approval", flat=True)[
        :1
    ]:
        if needs_approval:
            raise Invalid(NOT_READY, code="not_ready")
        raise Invalid(GOING_OUT, code="going_out")


def found_line(actor: Actor, assignment_id: int) -> Assignment:
    """One line, locked. Raises: Missing, Refused."""
    rows = Assignment.objects.select_related("run").select_for_update(of=("self",))
    row = rows.filter(pk=assignment_id).first()
    if row is None:
        raise Missing
    require(may_do_assignment(actor, row))
    return row


def _open(actor: Actor, assignment_id: int, *, is_by_hand: bool = False) -> Assignment:
    row = found_line(actor, assignment_id)
    if row.state == AssignmentState.EXPIRED and not is_by_hand:
        raise outbox.TooLate
    if row.state not in (AssignmentState.OPEN, AssignmentState.EXPIRED):
        raise AlreadyDecided
    return row


def close_line(
    actor: Actor,
    assignment: Assignment,
    state: AssignmentState,
    now: datetime,
    *,
    note: str = "",
    proof: str = "",
) -> None:
    """Write down what became of a line."""
    assignment.state, assignment.done_at, assignment.done_by = state, now, actor.reference
    assignment.note, assignment.proof = note.strip(), proof.strip()[:500]
    assignment.save(update_fields=["state", "done_at", "done_by", "note", "proof"])


def record_done(actor: Actor, assignment: Assignment, now: datetime) -> None:
    """Emit what a done line means."""
    record(done_fact(assignment), actor=actor, at=now)


def done_fact(assignment: Assignment) -> Event:
    """What is written down when this line is done."""
    step = known_step(assignment.step_id).row
    return AssignmentDone(
        community_id=assignment.community_id,
        assignment_id=assignment.pk,
        run_id=assignment.run_id,
        step=step.code,
        role=assignment.role,
        mode=step.mode,
        minutes=step.minutes,
        member_id=assignment.about_id,
    )
