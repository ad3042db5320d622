"""Our own rooms on the member pages (成员端): a `say` becomes a message there, a `touch` a letter."""

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
        external_id = f"out:{message.key}"[:160]
        if message.room_id is not None:
            row = Message(
                room_id=message.room_id,
                external_id=external_id,
                at=clock.now(),
                text=message.text,
                outbox_id=message.outbox_id,
            )
            Message.objects.bulk_create([row], ignore_conflicts=True)
        elif message.member_id is not None:
            letter = DirectMessage(
                member_id=message.member_id,
                external_id=external_id,
                community_id=message.community_id,
                at=clock.now(),
                text=message.text,
                outbox_id=message.outbox_id,
            )
            DirectMessage.objects.bulk_create([letter], ignore_conflicts=True)
        else:
            raise DeliveryError("the message names neither a room nor a member", retry=False)
        return external_id

    def find(self, message: Outgoing) -> str | None:
        """Look into our own tables."""
        external_id = f"out:{message.key}"[:160]
        kept = (
            Message.objects.filter(room_id=message.room_id, external_id=external_id)
            if message.room_id is not None
            else DirectMessage.objects.filter(external_id=external_id)
        )
        return external_id if kept.exists() else ""
