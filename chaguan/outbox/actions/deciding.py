"""What people decide about rows. Every change names who did it and only leaves states it may leave."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError
from chaguan.outbox.actions.expiring import in_time, over
from chaguan.outbox.models import OutboxRow

State = OutboxRow.State
OPEN = (State.PLANNED, State.AWAITING_PERSON, State.SUPPRESSED)


class NotInThatState(ChaguanError):
    """The row has moved on: somebody else decided, or it was sent meanwhile."""

    code = "moved_on"
    message = _("This message has moved on since you opened the page. Have another look at it.")


class TooLate(ChaguanError):
    """What was prepared for a certain time is approved after its end."""

    code = "too_late"
    message = _(
        "Its time is over, so it was not sent. If it still makes sense, choose “Send it now anyway”."
    )


def cancel(
    actor: Actor,
    *,
    now: datetime,
    reason: str,
    community_id: int | None = None,
    key_prefix: str = "",
    keys: Collection[str] = (),
) -> int:
    """Cancel all rows not on their way yet that match; returns how many. At least one filter is needed."""
    which = Q()
    if community_id is not None:
        which &= Q(community_id=community_id)
    if key_prefix:
        which &= Q(key__startswith=key_prefix)
    if keys:
        which &= Q(key__in=list(keys))
    if not which:
        return 0
    rows = OutboxRow.objects.filter(which, state__in=OPEN)
    return rows.update(
        state=State.CANCELLED, reason=reason, decided_by=actor.reference, finished_at=now
    )


def cancel_one(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Cancel one row that is not on its way yet. Raises NotInThatState."""
    _change(actor, row_id, OPEN, state=State.CANCELLED, reason="by_person", finished_at=now)


def approve(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Let a row that waits for approval go; guards still have their say.

    Raises: TooLate after the row's end, NotInThatState.
    """
    if OutboxRow.objects.filter(over(now), pk=row_id).exists():
        raise TooLate
    _change(
        actor,
        row_id,
        (State.AWAITING_PERSON,),
        only=Q(reason="needs_approval") & in_time(now),
        state=State.PLANNED,
        reason="",
        needs_approval=False,
        due_at=now,
    )


def send_anyway(actor: Actor, which: Q, *, now: datetime) -> int:
    """Send what is over after all: a person takes it on herself, so it has no end any more.

    Guards still have their say. Returns how many of `which` were over. One statement.
    """
    return OutboxRow.objects.filter(which & over(now)).update(
        state=State.PLANNED,
        reason="",
        needs_approval=False,
        attempts=0,
        due_at=now,
        expires_at=None,
        finished_at=None,
        decided_by=actor.reference,
    )


def release(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Send a held row now as urgent: guards that spare urgent rows let it pass. Raises NotInThatState."""
    _change(
        actor,
        row_id,
        (State.PLANNED, State.SUPPRESSED),
        only=~Q(reason=""),
        state=State.PLANNED,
        reason="",
        is_urgent=True,
        due_at=now,
        expires_at=None,
        finished_at=None,
    )


def retry(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Put a failed or expired row in line again. Raises NotInThatState."""
    _change(
        actor,
        row_id,
        (State.FAILED, State.EXPIRED),
        state=State.PLANNED,
        reason="",
        attempts=0,
        due_at=now,
        expires_at=None,
        finished_at=None,
    )


def sent_by_person(actor: Actor, row_id: int, *, now: datetime) -> None:
    """A person copied the text and sent it (assisted sending), be it late. Raises NotInThatState."""
    _change(
        actor,
        row_id,
        (State.AWAITING_PERSON, State.EXPIRED),
        state=State.SENT,
        reason="by_person",
        finished_at=now,
    )


def decide_unknown(actor: Actor, row_id: int, *, arrived: bool, now: datetime) -> None:
    """Settle doubt: it arrived, or it did not and goes in line again. Raises NotInThatState."""
    changes: dict[str, Any]
    if arrived:
        changes = {"state": State.SENT, "reason": "seen_by_person", "finished_at": now}
    else:
        changes = {"state": State.PLANNED, "reason": "", "due_at": now, "expires_at": None}
        changes["finished_at"] = None
    _change(actor, row_id, (State.UNKNOWN,), **changes)


def approve_all(actor: Actor, keys: Collection[str], *, now: datetime) -> int:
    """Let all of these rows that wait for approval and are not over go; returns how many. One statement."""
    rows = OutboxRow.objects.filter(
        in_time(now), key__in=list(keys), state=State.AWAITING_PERSON, reason="needs_approval"
    )
    return rows.update(
        state=State.PLANNED,
        reason="",
        needs_approval=False,
        due_at=now,
        decided_by=actor.reference,
    )


def sent_by_person_all(actor: Actor, keys: Collection[str], *, now: datetime) -> int:
    """A person sent all of these by hand; returns how many had waited for it, or were over. One statement."""
    by_hand = (State.AWAITING_PERSON, State.EXPIRED)
    rows = OutboxRow.objects.filter(key__in=list(keys), state__in=by_hand)
    return rows.update(
        state=State.SENT, reason="by_person", finished_at=now, decided_by=actor.reference
    )


def put_again(actor: Actor, which: Q, *, due_at: datetime | None = None) -> int:
    """Put rows that surely did not go out in line again: failed, expired, held for good, or cancelled
    before any call. Rows in doubt and sent ones stay, whatever `which` says. Their keys stay the same, so a
    channel that got one of them after all takes it once. Returns how many.
    """
    never_called = Q(state__in=[State.CANCELLED, State.SUPPRESSED, State.EXPIRED], external_id="")
    rows = OutboxRow.objects.filter(which, never_called | Q(state=State.FAILED))
    changes: dict[str, Any] = {} if due_at is None else {"due_at": due_at}
    return rows.update(
        state=State.PLANNED,
        reason="",
        attempts=0,
        expires_at=None,
        finished_at=None,
        called_at=None,
        decided_by=actor.reference,
        **changes,
    )


def _change(
    actor: Actor, row_id: int, states: Collection[str], *, only: Q | None = None, **changes: Any
) -> None:
    rows = OutboxRow.objects.filter(only or Q(), pk=row_id, state__in=states)
    if not rows.update(decided_by=actor.reference, **changes):
        raise NotInThatState
