"""Our own rooms on the member pages (成员端): a `say` becomes a message there, a `touch` a letter."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import DeliveryError, Limits, Outgoing, connector
from chaguan.channels.models import DirectMessage, Message
from chaguan.kernel import clock


@connector("portal")
class Portal:
    """Delivers into our own tables, once per key."""

    label = _("Our own member pages")
    limits = Limits(per_minute=60_000, burst=30_000)
    is_idempotent = True
    reaches = frozenset({"say", "touch", "welcome"})

    def send(self, message: Outgoing) -> str:
        """Write the message into its room, or into the member's letters."""
        done = self.send_many([message])[0]
        if isinstance(done, DeliveryError):
            raise done
        return done

    def send_many(self, messages: Sequence[Outgoing]) -> list[str | DeliveryError]:
        """Write the messages, in a statement for the rooms and one for the letters."""
        now = clock.now()
        said, letters = [], []
        for message in messages:
            if message.room_id is not None:
                said.append(_said(message, message.room_id, now))
            elif message.member_id is not None:
                letters.append(_letter(message, message.member_id, now))
        Message.objects.bulk_create(said, ignore_conflicts=True)
        DirectMessage.objects.bulk_create(letters, ignore_conflicts=True)
        return [
            _id_of(message)
            if message.room_id is not None or message.member_id is not None
            else DeliveryError("the message names neither a room nor a member", retry=False)
            for message in messages
        ]

    def find(self, message: Outgoing) -> str | None:
        """Look into our own tables."""
        external_id = _id_of(message)
        kept = (
            Message.objects.filter(room_id=message.room_id, external_id=external_id)
            if message.room_id is not None
            else DirectMessage.objects.filter(external_id=external_id)
        )
        return external_id if kept.exists() else ""


def _id_of(message: Outgoing) -> str:
    return f"out:{message.key}"[:160]


def _said(message: Outgoing, room_id: int, now: datetime) -> Message:
    return Message(
        room_id=room_id,
        external_id=_id_of(message),
        at=now,
        text=message.text,
        outbox_id=message.outbox_id,
    )


def _letter(message: Outgoing, member_id: int, now: datetime) -> DirectMessage:
    return DirectMessage(
        member_id=member_id,
        external_id=_id_of(message),
        community_id=message.community_id,
        at=now,
        text=message.text,
        outbox_id=message.outbox_id,
    )
