"""The second person (审核): sensitive messages wait for a yes of somebody who did not start the run."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chaguan.eventlog.actions import record, record_many
from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.errors import AlreadyDecided, SecondPersonNeeded
from chaguan.playbooks.events import ApprovalDecided
from chaguan.playbooks.models import Approval, Assignment

Decision = Approval.Decision


def wants_second_person(rows: Iterable[OutboxRow]) -> bool:
    """Whether any of these prepared messages waits for a second pair of eyes."""
    return any(row.payload.get("second_person") for row in rows)


def decide_as_second_person(
    actor: Actor, assignment: Assignment, decision: Decision, *, now: datetime, reason: str = ""
) -> None:
    """Write down the yes or no to everything that one line prepared. The caller opened a transaction.

    Emits: ApprovalDecided. Raises: SecondPersonNeeded for who started the run; AlreadyDecided when somebody
    was faster (the key is unique).
    """
    asked_by = assignment.run.by
    if actor.reference == asked_by:
        raise SecondPersonNeeded
    _row, is_new = Approval.objects.get_or_create(
        key=assignment.outbox_key,
        defaults={
            "run_id": assignment.run_id,
            "step_id": assignment.step_id,
            "asked_by": asked_by,
            "decided_by": actor.reference,
            "decision": decision,
            "reason": reason[:200],
            "at": now,
        },
    )
    if not is_new:
        raise AlreadyDecided
    code = known_step(assignment.step_id).row.code
    fact = ApprovalDecided(
        assignment.community_id, assignment.run_id, code, decision.value, reason[:200]
    )
    record(fact, actor=actor, at=now)


def decide_all_as_second_person(
    actor: Actor,
    assignments: Sequence[Assignment],
    decision: Decision,
    *,
    now: datetime,
    reason: str = "",
) -> None:
    """The same for many lines of one run, which the caller holds locked. At most four statements.

    Emits: ApprovalDecided for each. Raises: SecondPersonNeeded for who started the run.
    """
    if not assignments:
        return
    if any(row.run.by == actor.reference for row in assignments):
        raise SecondPersonNeeded
    approvals = [
        Approval(
            key=row.outbox_key,
            run_id=row.run_id,
            step_id=row.step_id,
            asked_by=row.run.by,
            decided_by=actor.reference,
            decision=decision,
            reason=reason[:200],
            at=now,
        )
        for row in assignments
    ]
    Approval.objects.bulk_create(approvals, ignore_conflicts=True)
    facts = [
        ApprovalDecided(
            row.community_id,
            row.run_id,
            known_step(row.step_id).row.code,
            decision.value,
            reason[:200],
        )
        for row in assignments
    ]
    record_many([(fact, now) for fact in facts], actor=actor)


def note_decisions(facts: Iterable[Logged]) -> int:
    """Keep what was approved on the outbox's own page, so that a later retry still knows it. Two statements."""
    said = {
        fact.data["outbox_id"]: fact
        for fact in facts
        if fact.data.get("decision") in ("approved", "sent_anyway")
    }
    if not said:
        return 0
    rows = all_rows().filter(pk__in=list(said), renderer="script").only("pk", "key", "payload")
    approvals = [
        Approval(
            key=row.key,
            run_id=row.payload["run"],
            step_id=row.payload["step"],
            asked_by=row.payload.get("started_by", ""),
            decided_by=said[row.pk].actor,
            decision=Decision.APPROVED,
            at=said[row.pk].at,
        )
        for row in rows
        if row.payload.get("second_person") and row.payload.get("started_by") != said[row.pk].actor
    ]
    return len(Approval.objects.bulk_create(approvals, ignore_conflicts=True))
