"""Memberships with their people, roles and history."""

from django.db.models import Prefetch, QuerySet

from chaguan.communities.models import MemberRole, Membership
from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor


def memberships_visible_to(actor: Actor, community_id: int) -> QuerySet[Membership]:
    """Everybody who is or was in the community, with member and open roles; nobody for strangers."""
    ids = community_ids_with(actor, Right.VIEW_MEMBERS)
    if ids is not None and community_id not in ids:
        return Membership.objects.none()
    return _with_roles(Membership.objects.filter(community_id=community_id)).select_related(
        "member"
    )


def memberships_of(actor: Actor, member_id: int) -> QuerySet[Membership]:
    """One member's communities, as far as the actor may view members there; all for the member."""
    rows = Membership.objects.filter(member_id=member_id).select_related("community")
    ids = community_ids_with(actor, Right.VIEW_MEMBERS)
    if actor.member_id != member_id and ids is not None:
        rows = rows.filter(community_id__in=ids)
    return _with_roles(rows).order_by("-joined_at")


def _with_roles(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    """`open_roles` on each row lists the roles held now: the badges."""
    held = MemberRole.objects.filter(until__isnull=True).order_by("since")
    return rows.prefetch_related(Prefetch("roles", queryset=held, to_attr="open_roles"))


def role_history(community_id: int, member_id: int) -> QuerySet[MemberRole]:
    """All roles a member holds and held there, the newest first. The caller has checked who may look."""
    return MemberRole.objects.filter(
        membership__community_id=community_id, membership__member_id=member_id
    ).order_by("-since", "-pk")
