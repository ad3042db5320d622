"""The second person's yes or no to a broadcast that promotes (审核), and what nobody answered in time."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.playbooks.actions.broadcasts import plan_approved
from chaguan.playbooks.broadcast_events import BroadcastDecided
from chaguan.playbooks.errors import AlreadyDecided, AnsweredTooLate, SecondPersonNeeded
from chaguan.playbooks.models import Broadcast
from chaguan.playbooks.selectors.broadcasts import may_decide_broadcast

State = Broadcast.State


@transaction.atomic
def approve_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> Broadcast:
    """Let a colleague's promotion go: its rooms are planned for its time.

    Emits: BroadcastDecided, BroadcastPlanned.
    Raises: Missing, SecondPersonNeeded for its author, AlreadyDecided, AnsweredTooLate.
    """
    row = _waiting(actor, broadcast_id, now)
    _decide(actor, row, State.APPROVED, "", now)
    plan_approved(actor, row, now=now)
    return row


@transaction.atomic
def refuse_broadcast(actor: Actor, broadcast_id: int, reason: str, *, now: datetime) -> Broadcast:
    """Keep a colleague's promotion back, with a reason that its author reads.

    Emits: BroadcastDecided.
    Raises: Missing, SecondPersonNeeded, AlreadyDecided, AnsweredTooLate, Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(_("Say in a few words why it should not go out."), code="reason_missing")
    row = _waiting(actor, broadcast_id, now)
    _decide(actor, row, State.REFUSED, reason.strip()[:200], now)
    return row


@transaction.atomic
def expire_broadcasts(actor: Actor, *, now: datetime) -> int:
    """End what nobody answered in time; returns how many. Emits: BroadcastDecided for each."""
    over = Broadcast.objects.select_for_update().filter(state=State.WAITING, answer_by__lte=now)
    rows = list(over)
    for row in rows:
        if row.cancelled_at is None:
            _decide(actor, row, State.EXPIRED, "", now)
    return len(rows)


def _waiting(actor: Actor, broadcast_id: int, now: datetime) -> Broadcast:
    """The broadcast, locked, if this actor may decide about it now."""
    row = Broadcast.objects.select_for_update().filter(pk=broadcast_id).first()
    if row is None or not may_decide_broadcast(actor, row):
        raise Missing
    if row.by == actor.reference:
        raise SecondPersonNeeded
    if row.state == State.EXPIRED:
        raise AnsweredTooLate
    if row.state != State.WAITING or row.cancelled_at is not None:
        raise AlreadyDecided
    if row.answer_by is not None and row.answer_by <= now:
        raise AnsweredTooLate
    return row


def _decide(actor: Actor, row: Broadcast, state: State, reason: str, now: datetime) -> None:
    row.state, row.reason = state, reason
    row.decided_by, row.decided_at = actor.reference, now
    row.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    record(BroadcastDecided(row.pk, state.value, reason), actor=actor, at=now)
