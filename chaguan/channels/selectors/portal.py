"""Letters: what we sent to one member on our own pages."""

from django.db.models import QuerySet

from chaguan.channels.models import DirectMessage
from chaguan.kernel.actor import Actor


def letters_to(actor: Actor) -> QuerySet[DirectMessage]:
    """The acting member's letters, newest first. Screens start from this."""
    if actor.member_id is None:
        return DirectMessage.objects.none()
    return DirectMessage.objects.filter(member_id=actor.member_id).order_by("-at", "-id")


def unread_letters(member_id: int) -> int:
    """How many letters a member has not opened yet."""
    return DirectMessage.objects.filter(member_id=member_id, read_at__isnull=True).count()
