"""Many lines of one step decided with one press: agreed to, ticked off, left out. Set-based.

`lead_id` names the lines, as in `selectors/sheet_steps.alike`: those that were open when the page was shown.
The number of statements does not depend on how many they are.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.channels.events import MessageSent
from chaguan.eventlog.actions import record_many
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.actions.approvals import Decision, decide_all_as_second_person
from chaguan.playbooks.actions.assignments import NOT_READY, done_fact
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.errors import NoteMissing, ProofMissing
from chaguan.playbooks.events import AssignmentSkipped
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.policies import may_do_assignment
from chaguan.playbooks.selectors.sheet_steps import alike
from chaguan.playbooks.types import AssignmentState, Mode

State = OutboxRow.State
Prepared = dict[int, list[OutboxRow]]


@transaction.atomic
def approve_together(actor: Actor, lead_id: int, *, now: datetime, note: str = "") -> int:
    """Let every prepared message of these lines go; returns how many lines that were.

    Emits: AssignmentDone for each; ApprovalDecided for each of a sensitive step.
    What is over by now is left alone.
    Raises: Missing, Refused, Invalid when nothing is prepared; TooLate when all of it is over;
    SecondPersonNeeded for who started the run.
    """
    rows, prepared = _locked(actor, lead_id)
    asked = [row for row in rows if _wants_a_yes(prepared.get(row.pk, ()))]
    agreed = [row for row in asked if not _is_over(prepared[row.pk], now)]
    if asked and not agreed:
        raise outbox.TooLate
    if not agreed:
        raise Invalid(NOT_READY, code="not_ready")
    sensitive = _sensitive(agreed, prepared)
    decide_all_as_second_person(actor, sensitive, Decision.APPROVED, now=now, reason=note)
    keys = [one.key for row in agreed for one in prepared[row.pk]]
    outbox.approve_all(actor, keys, now=now)
    _close(actor, agreed, AssignmentState.DONE, now, note)
    record_many([(done_fact(row), now) for row in agreed], actor=actor)
    return len(agreed)


@transaction.atomic
def complete_together(actor: Actor, lead_id: int, *, now: datetime, note: str = "") -> int:
    """Tick these lines off with one note; what waits for a yes or is not ready yet stays. Returns how many.

    Emits: AssignmentDone for each; MessageSent for each message that the person says she sent by hand.
    Raises: Missing, Refused, Invalid when nothing can be ticked; NoteMissing; ProofMissing where each line
    wants a link of its own; SecondPersonNeeded.
    """
    rows, prepared = _locked(actor, lead_id)
    done = [row for row in rows if _is_by_hand(prepared.get(row.pk, ()))]
    if not done:
        raise Invalid(NOT_READY, code="not_ready")
    step = known_step(done[0].step_id)
    if step.document.proof == "link":
        raise ProofMissing
    if (step.row.mode == Mode.HUMAN or step.document.proof == "note") and not note.strip():
        raise NoteMissing
    sensitive = _sensitive(done, prepared)
    decide_all_as_second_person(actor, sensitive, Decision.APPROVED, now=now)
    sent = [one for row in done for one in prepared.get(row.pk, ()) if _waits(one)]
    if sent:
        outbox.sent_by_person_all(actor, [one.key for one in sent], now=now)
        facts = [(MessageSent.of(one), now) for one in sent]
        keys = [str(one.pk) for one in sent]
        record_many(facts, actor=actor, source="outbox", source_ids=keys)
    _close(actor, done, AssignmentState.DONE, now, note)
    record_many([(done_fact(row), now) for row in done], actor=actor)
    return len(done)


@transaction.atomic
def skip_together(actor: Actor, lead_id: int, reason: str, *, now: datetime) -> int:
    """Leave all of these lines out, with one reason; their messages are cancelled. Returns how many.

    Emits: AssignmentSkipped for each; ApprovalDecided for a second person's no.
    Raises: Missing, Refused, Invalid without a reason or without lines.
    """
    if not reason.strip():
        raise Invalid(_("Say in a few words why this is left out."), code="reason_missing")
    rows, prepared = _locked(actor, lead_id)
    if not rows:
        raise Invalid(_("Nothing of this step is open any more."), code="none_open")
    if actor.reference != rows[0].run.by:
        sensitive = _sensitive(rows, prepared)
        decide_all_as_second_person(actor, sensitive, Decision.REFUSED, now=now, reason=reason)
    keys = [one.key for mine in prepared.values() for one in mine]
    if keys:
        outbox.cancel(actor, now=now, reason="step_skipped", keys=keys)
    _close(actor, rows, AssignmentState.SKIPPED, now, reason)
    code = known_step(rows[0].step_id).row.code
    facts = [
        AssignmentSkipped(row.community_id, row.pk, row.run_id, code, reason[:200]) for row in rows
    ]
    record_many([(fact, now) for fact in facts], actor=actor)
    return len(rows)


def _locked(actor: Actor, lead_id: int) -> tuple[list[Assignment], Prepared]:
    """The open lines that `lead_id` names, with the messages prepared for each. Three statements."""
    lead = Assignment.objects.select_related("community").filter(pk=lead_id).first()
    if lead is None:
        raise Missing
    require(may_do_assignment(actor, lead))  # the others are of the same person and community
    rows = list(alike(lead).select_related("run").select_for_update(of=("self",)))
    return rows, _prepared(rows)


def _prepared(rows: Sequence[Assignment]) -> Prepared:
    """The messages of these lines that are still at home: by key, newcomers' by the step that greets them."""
    by_key = {row.outbox_key: row.pk for row in rows if row.outbox_key}
    if not by_key:
        return {}
    by_step = {row.occurrence_id: row.pk for row in rows if row.occurrence_id is not None}
    head = "/".join(next(iter(by_key)).split("/")[:2])
    found: Prepared = {}
    open_states = (State.PLANNED, State.CLAIMED, State.AWAITING_PERSON, State.SUPPRESSED)
    which = all_rows().filter(key__gte=f"{head}/", key__lt=f"{head}0", state__in=open_states)
    for one in which.order_by("id").select_for_update():
        mine = by_key.get(one.key) or by_key.get(f"{one.key.rpartition('/')[0]}/")
        if mine is None and one.key.startswith(f"{head}/new/"):
            mine = by_step.get(one.payload.get("occurrence"))
        if mine is not None:
            found.setdefault(mine, []).append(one)
    return found


def _waits(one: OutboxRow) -> bool:
    return one.state == State.AWAITING_PERSON


def _wants_a_yes(rows: Iterable[OutboxRow]) -> bool:
    return any(_waits(one) and one.reason == "needs_approval" for one in rows)


def _is_over(rows: Iterable[OutboxRow], now: datetime) -> bool:
    return any(_waits(one) and one.expires_at is not None and one.expires_at <= now for one in rows)


def _is_by_hand(rows: Sequence[OutboxRow]) -> bool:
    """Whether a person does it all: nothing waits for a yes, nothing is prepared or sent by the program."""
    is_on_its_way = any(one.state in (State.PLANNED, State.CLAIMED) for one in rows)
    return not is_on_its_way and not _wants_a_yes(rows)


def _sensitive(rows: Iterable[Assignment], prepared: Prepared) -> list[Assignment]:
    """The lines with a message that a second person has to see."""
    return [
        row
        for row in rows
        if any(_waits(one) and one.payload.get("second_person") for one in prepared.get(row.pk, ()))
    ]


def _close(
    actor: Actor, rows: Sequence[Assignment], state: AssignmentState, now: datetime, note: str
) -> None:
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, done_at=now, done_by=actor.reference, note=note.strip()
    )
