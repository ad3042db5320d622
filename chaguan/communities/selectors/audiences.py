"""Who and what a community's playbooks can reach: open rooms, people inside, holders of roles, settings.

For apps that put these into statements of their own; they have checked who may look.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from chaguan.communities.models import Community, MemberRole, Membership, Room, StaffPost

# What a login is called: as it is shown everywhere, the login itself where no name was given.
FULL_NAME = Concat("user__first_name", Value(" "), "user__last_name")


@dataclass(frozen=True)
class Holder:
    """One person who holds a role in a community: a login (staff role) or a member (in-group role)."""

    role: str
    name: str
    user_id: int | None = None
    member_id: int | None = None


def open_rooms(*, is_back_room: bool = False) -> QuerySet[Room]:
    """Rooms where something can be said: the members' rooms, or the back rooms."""
    purpose = Room.Purpose.BACK_ROOM if is_back_room else Room.Purpose.MAIN
    return Room.objects.filter(is_open=True, purpose=purpose)


def people_inside() -> QuerySet[Membership]:
    """Memberships of people who are in a community now, bots left out."""
    return Membership.objects.filter(state=Membership.State.IN, member__is_bot=False)


def holders_in(community_id: int) -> list[Holder]:
    """Everybody with a staff post there (or for the whole house) or an open in-group role. Queries: 2."""
    posts = (
        StaffPost.objects.filter(Q(community_id=community_id) | Q(community_id=None))
        .filter(user__is_active=True)
        .order_by("community_id", "id")
        .annotate(shown=Coalesce(NullIf(Trim(FULL_NAME), Value("")), "user__username"))
        .values_list("role__code", "user_id", "shown")
    )
    roles = (
        MemberRole.objects.filter(
            membership__community_id=community_id,
            membership__state=Membership.State.IN,
            until__isnull=True,
        )
        .order_by("since", "id")
        .values_list("role", "membership__member_id", "membership__member__name")
    )
    return [Holder(role, name, user_id=pk) for role, pk, name in posts] + [
        Holder(role, name, member_id=pk) for role, pk, name in roles
    ]


def settings_of(community_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Each community's settings, with its own `timezone`, `type` and `content_kind`. One statement."""
    rows = Community.objects.filter(pk__in=set(community_ids))
    return {
        row.pk: {
            **row.settings,
            "timezone": row.timezone,
            "type": row.type,
            "content_kind": row.content_kind,
        }
        for row in rows.only("settings", "timezone", "type", "content_kind")
    }
