"""Tells people whose members an actor's right reaches: those of the actor's communities."""

from django.db.models import Exists, OuterRef, Q

from chaguan.communities.models import Membership
from chaguan.communities.selectors.rights import community_ids_with
from chaguan.kernel.actor import Actor
from chaguan.people.contract import EVERYONE, NOBODY, Reach, reaches


@reaches.add("communities")
def members_of_own_communities(actor: Actor, right: str) -> Reach:
    """Everyone for a house-wide right; else who is or was in the actor's communities."""
    ids = community_ids_with(actor, right)
    if ids is None:
        return EVERYONE
    if not ids:
        return NOBODY
    theirs = Membership.objects.filter(member_id=OuterRef("pk"), community_id__in=ids)
    return Reach(False, Q(Exists(theirs)), ids)
