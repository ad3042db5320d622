"""Private remarks about members, for those who may read them."""

from django.db.models import Q, QuerySet

from chaguan.kernel.actor import Actor
from chaguan.people.contract.reach import reach_of
from chaguan.people.models import Note
from chaguan.people.selectors.members import VIEW, may_see_member


def notes_visible_to(actor: Actor, member_id: int) -> QuerySet[Note]:
    """Notes on one member, newest first. Volunteers get what is marked for stewards, of their communities.

    Members never get notes about themselves here: their export does that.
    """
    if actor.member_id == member_id or not may_see_member(actor, member_id):
        return Note.objects.none()
    notes = Note.objects.filter(member_id=member_id).order_by("-at", "-pk")
    if actor.kind == "member":
        notes = notes.filter(visibility=Note.Visibility.STEWARDS)
    ids = reach_of(actor, VIEW).community_ids
    return (
        notes
        if ids is None
        else notes.filter(Q(community_id__isnull=True) | Q(community_id__in=ids))
    )
