"""Assisted sending (人工代发): for any app that we cannot reach. A person copies, sends and ticks off."""

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import DeliveryError, Limits, Outgoing, connector


@connector("manual")
class Manual:
    """Reaches nothing by itself, so every row waits for a person with its text ready."""

    label = _("Assisted sending (no interface)")
    limits = Limits(per_minute=60_000, burst=30_000)
    is_idempotent = False
    reaches: frozenset[str] = frozenset()

    def send(self, message: Outgoing) -> str:
        """Never called by the sender; says so if somebody does."""
        raise DeliveryError("this app has no interface; a person sends the text", retry=False)

    def find(self, message: Outgoing) -> str | None:
        """Only the person knows."""
        return None
