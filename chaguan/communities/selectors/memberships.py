"""Memberships with their people, roles and history."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, QuerySet
from django.utils.functional import Promise

from chaguan.communities.models import MemberRole, Membership
from chaguan.communities.roles import IN_ROOM_ROLES
from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import COHORT_ROLES, InRoomRole, Right
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


@dataclass(frozen=True)
class RoleLine:
    """One role that a member holds or held. `ends_at` is planned, `until` is past."""

    community_id: int
    community: str
    role: str
    badge: str | Promise
    since: datetime
    ends_at: datetime | None
    until: datetime | None


def roles_of(actor: Actor, member_id: int) -> list[RoleLine]:
    """All roles of a member, held ones first, in communities where the actor may see members. Queries: 1."""
    rows = MemberRole.objects.filter(membership__member_id=member_id)
    ids = community_ids_with(actor, Right.VIEW_MEMBERS)
    if actor.member_id != member_id and ids is not None:
        rows = rows.filter(membership__community_id__in=ids)
    rows = rows.select_related("membership__community").order_by(
        F("until").desc(nulls_first=True), "-since", "-pk"
    )
    return [
        RoleLine(
            row.membership.community_id,
            row.membership.community.name,
            row.role,
            _badge(row.role),
            row.since,
            row.ends_at or _cohort_end(row),
            row.until,
        )
        for row in rows
    ]


def role_choices() -> list[tuple[str, str | Promise]]:
    """The in-group roles with their badges, for a list to choose from."""
    return [(role.value, shown.badge) for role, shown in IN_ROOM_ROLES.items()]


def badges_of(actor: Actor, member_ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """The roles members hold now, as (badge, community), where the actor may see members. Queries: 1."""
    held = MemberRole.objects.filter(
        membership__member_id__in=member_ids,
        membership__state=Membership.State.IN,
        until__isnull=True,
    )
    ids = community_ids_with(actor, Right.VIEW_MEMBERS)
    if ids is not None:
        held = held.filter(membership__community_id__in=ids)
    found: dict[int, list[tuple[str, str]]] = {}
    fields = ("membership__member_id", "role", "membership__community__name")
    for member_id, role, community in held.order_by("since", "pk").values_list(*fields):
        found.setdefault(member_id, []).append((str(_badge(role)), community))
    return found


def _badge(role: str) -> str | Promise:
    return IN_ROOM_ROLES[InRoomRole(role)].badge if role in set(InRoomRole) else role


def _cohort_end(row: MemberRole) -> datetime | None:
    return row.membership.community.closes_at if row.role in COHORT_ROLES else None
