"""Joining, leaving and being removed: one by one, with their facts. See presence for bulk."""

from datetime import datetime

from django.db import transaction

from chaguan.communities.errors import CommunityClosed, NotAMember
from chaguan.communities.events import MemberJoined, MemberLeft, MemberRemoved
from chaguan.communities.models import Community, Membership
from chaguan.communities.policies import may, may_join, may_manage_members
from chaguan.communities.selectors.rights import forget_rights
from chaguan.communities.types import Phase, Right
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.kernel.policy import require


@transaction.atomic
def join_community(
    actor: Actor,
    community_id: int,
    member_id: int,
    *,
    now: datetime,
    room_id: int | None = None,
    origin: str = "",
) -> bool:
    """Bring a member in. Returns False when they are in already; then nothing is written.

    Emits: MemberJoined. Raises: Refused, Missing, CommunityClosed. Races: the unique key decides.
    """
    is_screened = _open_for_joining(community_id)
    require(may_join(actor, community_id, member_id, is_screened=is_screened))
    theirs = Membership.objects.filter(community_id=community_id, member_id=member_id)
    stay = {"state": Membership.State.IN, "joined_at": now, "left_at": None, "origin": origin[:60]}
    _membership, came = Membership.objects.get_or_create(
        community_id=community_id, member_id=member_id, defaults=stay
    )
    if not came:
        came = bool(theirs.exclude(state=Membership.State.IN).update(**stay))
    if came:
        record(
            MemberJoined(community_id, member_id, room_id=room_id, origin=origin),
            actor=actor,
            at=now,
        )
    return came


@transaction.atomic
def apply_to_join(
    actor: Actor, community_id: int, member_id: int, *, now: datetime, origin: str = ""
) -> None:
    """Ask to be let into a screened community. Whoever admits members answers with join_community.

    Raises: Refused, Missing, CommunityClosed. Applying twice, or as a member, changes nothing.
    """
    _open_for_joining(community_id)
    require(may_manage_members(actor, community_id, member_id))
    asked = {"state": Membership.State.APPLIED, "joined_at": now, "origin": origin[:60]}
    mine = {"community_id": community_id, "member_id": member_id}
    _membership, is_new = Membership.objects.get_or_create(**mine, defaults=asked)
    if not is_new:
        gone = Membership.objects.filter(**mine, state=Membership.State.LEFT)
        gone.update(state=Membership.State.APPLIED)


def _open_for_joining(community_id: int) -> bool:
    """Whether the community screens. Raises Missing and CommunityClosed."""
    row = Community.objects.filter(pk=community_id).values_list("phase", "is_screened").first()
    if row is None:
        raise Missing
    if row[0] == Phase.CLOSED:
        raise CommunityClosed
    return row[1]


@transaction.atomic
def leave_community(
    actor: Actor,
    community_id: int,
    member_id: int,
    *,
    now: datetime,
    room_id: int | None = None,
) -> bool:
    """Let a member go at their own wish. Open roles end. Returns False when they were not in.

    Emits: MemberLeft. Raises: Refused.
    """
    require(may_manage_members(actor, community_id, member_id))
    fact = MemberLeft(community_id, member_id, room_id=room_id)
    return _go(actor, fact, Membership.State.LEFT, now=now)


@transaction.atomic
def remove_member(
    actor: Actor,
    community_id: int,
    member_id: int,
    *,
    reason: str,
    now: datetime,
    room_id: int | None = None,
) -> bool:
    """Remove a member by decision. Open roles end. Returns False when they were not in.

    Emits: MemberRemoved. Raises: Refused; one does not remove oneself this way.
    """
    require(may(actor, Right.ADMIT_MEMBERS, community_id))
    fact = MemberRemoved(community_id, member_id, room_id=room_id, reason=reason)
    return _go(actor, fact, Membership.State.REMOVED, now=now)


def _go(actor: Actor, fact: MemberLeft | MemberRemoved, state: str, *, now: datetime) -> bool:
    stay = Membership.objects.filter(
        community_id=fact.community_id, member_id=fact.member_id, state=Membership.State.IN
    )
    membership = stay.select_for_update().first()
    if membership is None or not stay.update(state=state, left_at=now):
        return False
    membership.roles.filter(until__isnull=True).update(until=now)
    forget_rights()
    record(fact, actor=actor, at=now)
    return True


@transaction.atomic
def set_card(actor: Actor, community_id: int, member_id: int, card: str) -> None:
    """Set the name a member shows in this community (群名片). Raises Refused, NotAMember."""
    require(may_manage_members(actor, community_id, member_id))
    mine = Membership.objects.filter(community_id=community_id, member_id=member_id)
    if not mine.update(card=card.strip()[:80]):
        raise NotAMember
