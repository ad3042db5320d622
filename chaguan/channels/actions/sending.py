"""What people decide about messages on their way out: approve, release, cancel, settle doubt, tick off."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.channels.events import MessageSent, SendingDecided
from chaguan.channels.policies import may_decide_sending
from chaguan.communities.selectors.overrides import has_exception
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import OutboxRow

State = OutboxRow.State


class SamePerson(Invalid):
    """A sensitive message wants a second pair of eyes."""

    code = "same_person"
    message = _("The one who started this cannot approve it. Ask a colleague to look at it.")


@transaction.atomic
def approve(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Let a message that waits for approval go. Emits SendingDecided.

    Raises: Missing; Refused (may_decide_sending); SamePerson where a second person must approve; TooLate
    after the message's end.
    """
    row = _row(actor, row_id)
    _refuse_same_person(actor, row)
    outbox.approve(actor, row_id, now=now)
    _note(actor, row, "approved", now)


@transaction.atomic
def release(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Send a held message after all. What a type forbids or a member refused stays held.

    An owner's exception from the type (communities' `override_guard`) opens the way.
    """
    row = _row(actor, row_id)
    is_spared = row.reason == "type_guard" and has_exception(row.key)
    if row.reason in FINAL_HOLDS and not is_spared:
        raise Invalid(FINAL_HOLDS[row.reason], code="cannot_release")
    outbox.release(actor, row_id, now=now)
    _note(actor, row, "released", now)


FINAL_HOLDS = {
    "opted_out": _("This member asked not to be contacted. That cannot be overridden."),
    "type_guard": _(
        "The type of this community does not allow it. Only its owner can override that."
    ),
    "left": _("This member has left the community."),
}


@transaction.atomic
def cancel(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Take back a message that is not on its way yet."""
    row = _row(actor, row_id)
    outbox.cancel_one(actor, row_id, now=now)
    _note(actor, row, "cancelled", now)


@transaction.atomic
def retry(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Try a failed or expired message again."""
    row = _row(actor, row_id)
    outbox.retry(actor, row_id, now=now)
    _note(actor, row, "retried", now)


@transaction.atomic
def send_anyway(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Send a message whose time is over: a person says that it still makes sense. Emits SendingDecided.

    Opt-outs, quiet hours and caps still have their say.
    Raises: Missing; Refused; SamePerson where a second person must approve; NotInThatState.
    """
    row = _row(actor, row_id)
    _refuse_same_person(actor, row)
    if not outbox.send_anyway(actor, Q(pk=row_id), now=now):
        raise outbox.NotInThatState
    _note(actor, row, "sent_anyway", now)


@transaction.atomic
def decide_unknown(actor: Actor, row_id: int, *, arrived: bool, now: datetime) -> None:
    """Settle a message that may have been sent: it arrived, or it goes in line again."""
    row = _row(actor, row_id)
    outbox.decide_unknown(actor, row_id, arrived=arrived, now=now)
    _note(actor, row, "seen" if arrived else "not_seen", now)
    if arrived:
        _record_sent(actor, row, now)


@transaction.atomic
def sent_by_person(actor: Actor, row_id: int, *, now: datetime) -> None:
    """Tick off a message that a person copied and sent (assisted sending), be its time over.

    Raises: NotInThatState for one that the program itself still sends, or has in hand.
    """
    row = _row(actor, row_id)
    if row.needs_approval:
        _refuse_same_person(actor, row)
    outbox.sent_by_person(actor, row_id, now=now)
    _note(actor, row, "sent_by_person", now)
    _record_sent(actor, row, now)


DECISIONS: dict[str, Callable[..., None]] = {
    "approve": approve,
    "release": release,
    "cancel": cancel,
    "retry": retry,
    "send_anyway": send_anyway,
    "sent": sent_by_person,
}
"""The decisions that need no further word, by the name a form sends."""


def _row(actor: Actor, row_id: int) -> OutboxRow:
    """The row, if this actor may decide about it; Missing looks the same as refused elsewhere."""
    row = OutboxRow.objects.filter(pk=row_id).first()
    if row is None:
        raise Missing
    require(may_decide_sending(actor, row.community_id))
    return row


def _refuse_same_person(actor: Actor, row: OutboxRow) -> None:
    """Raise SamePerson where a second person must decide and this is the first one."""
    if row.payload.get("second_person") and row.payload.get("started_by") == actor.reference:
        raise SamePerson


def _note(actor: Actor, row: OutboxRow, decision: str, now: datetime) -> None:
    fact = SendingDecided(
        outbox_id=row.pk,
        decision=decision,
        was=row.state,
        community_id=row.community_id,
        room_id=row.room_id,
        member_id=row.member_id,
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
