"""Builders for tests: communities, members in them, and people with a login."""

from itertools import count
from typing import Any

from django.contrib.auth import get_user_model

from chaguan.communities.actions.staff import ensure_defaults, give_post
from chaguan.communities.models import Community, MemberRole, Membership, Room
from chaguan.communities.types import CommunityType, Phase
from chaguan.kernel.actor import Actor
from chaguan.kernel.ids import new_public_id
from chaguan.people.testing import EPOCH, Member
from chaguan.people.testing import make_member as make_person

_numbers = count(1)


def make_community(**over: Any) -> Community:
    """A running newcomer community in Shanghai time, with its charter, without rooms."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "public_id": new_public_id(),
        "name": f"茶友会 {number}",
        "slug": f"tea-{number}",
        "type": CommunityType.NEWCOMER.value,
        "phase": Phase.RUNNING.value,
        "target_stages": ["acquainted"],
        "purpose": "一起喝茶",
        "audience": "新茶友",
        "expected_effect": "学会泡一壶好茶",
        "opened_at": EPOCH,
        "created_at": EPOCH,
    }
    return Community.objects.create(**(values | over))


def make_room(community: Community | None = None, **over: Any) -> Room:
    """A portal room."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "community": community or make_community(),
        "name": f"茶室 {number}",
        "connector": "portal",
        "account_id": 1,
        "external_id": f"room-{number}",
    }
    return Room.objects.create(**(values | over))


def make_member(community: Community | None = None, *, role: str = "", **over: Any) -> Member:
    """A member; in `community` when given, there with the in-group `role` when given."""
    member = make_person(**over)
    if community is not None:
        membership = Membership.objects.create(
            community=community, member=member, joined_at=member.first_seen_at
        )
        if role:
            MemberRole.objects.create(membership=membership, role=role, since=EPOCH, by="system")
    return member


def make_staff(role: str = "community_manager", community: Community | None = None) -> Actor:
    """The actor of a fresh login that holds one staff role, in one community or (None) everywhere."""
    login = get_user_model().objects.create_user(username=f"staff{next(_numbers)}")
    ensure_defaults(Actor.system())
    give_post(Actor.system(), login.pk, role, community_id=community.pk if community else None)
    return Actor.staff(login.pk)


def make_owner() -> Actor:
    """The actor of a fresh login that owns the house."""
    login = get_user_model().objects.create_superuser(username=f"owner{next(_numbers)}")
    return Actor.staff(login.pk)


def make_stranger() -> Actor:
    """The actor of a fresh login without any role."""
    return Actor.staff(get_user_model().objects.create_user(username=f"nobody{next(_numbers)}").pk)
