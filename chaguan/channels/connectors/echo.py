"""The sandbox (演练): a channel that keeps what it is given and sends it nowhere."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import Limits, Outgoing, connector
from chaguan.channels.models import Rehearsal
from chaguan.kernel import clock


@connector("echo")
class Echo:
    """Delivers into the table of rehearsals, once per key."""

    label = _("Sandbox (rehearsal)")
    limits = Limits(per_minute=100_000, burst=50_000)
    is_idempotent = True
    reaches = frozenset({"say", "touch", "welcome"})

    def send(self, message: Outgoing) -> str:
        """Keep the message. The same key again changes nothing."""
        return self.send_many([message])[0]

    def send_many(self, messages: Sequence[Outgoing]) -> list[str]:
        """Keep the messages, in one statement."""
        now = clock.now()
        rows = [
            Rehearsal(
                account_id=message.account_id,
                key=message.key,
                kind=message.kind,
                room_id=message.room_id,
                member_id=message.member_id,
                text=message.text,
                at=now,
                outbox_id=message.outbox_id,
            )
            for message in messages
        ]
        Rehearsal.objects.bulk_create(rows, ignore_conflicts=True)
        return [f"echo:{message.key}"[:160] for message in messages]

    def find(self, message: Outgoing) -> str | None:
        """Look into the record."""
        kept = Rehearsal.objects.filter(account_id=message.account_id, key=message.key)
        return f"echo:{message.key}"[:160] if kept.exists() else ""
