"""Questions about members. Screens start from `members_visible_to`."""

from django.db.models import QuerySet

from chaguan.kernel.actor import Actor
from chaguan.people.contract import reach_of
from chaguan.people.models import Member

VIEW = "view_members"
EDIT = "edit_members"


def members_visible_to(actor: Actor, right: str = VIEW) -> QuerySet[Member]:
    """Members the actor's right reaches, without those merged into another. Screens start from this."""
    reach = reach_of(actor, right)
    return Member.objects.filter(reach.q, merged_into__isnull=True)


def may_see_member(actor: Actor, member_id: int, right: str = VIEW) -> bool:
    """Whether the right reaches this one member."""
    reach = reach_of(actor, right)
    return reach.is_everyone or Member.objects.filter(reach.q, pk=member_id).exists()


def member_by_public_id(public_id: str) -> Member | None:
    """The member behind a personal link, or None. The link itself is the permission."""
    return Member.objects.filter(public_id=public_id, merged_into__isnull=True).first()
