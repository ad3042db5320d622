"""Communities as their members see them: what it is, who hosts it, its rooms, who holds which role."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.functional import Promise

from chaguan.communities.models import Community, MemberRole, Membership, Room
from chaguan.communities.roles import IN_ROOM_ROLES
from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import InRoomRole, Phase, Right
from chaguan.kernel.actor import Actor


@dataclass(frozen=True)
class RoomSign:
    """A room on the list of a member's rooms. `connector` says which app it lives in."""

    id: int
    name: str
    connector: str
    is_open: bool
    is_back_room: bool


@dataclass(frozen=True)
class Place:
    """A community from inside (or, with an empty `state`, from the street)."""

    id: int
    public_id: str
    name: str
    host_name: str
    colour: str
    purpose: str
    audience: str
    expected_effect: str
    timezone: str
    is_screened: bool
    is_closed: bool
    rules: tuple[str, ...] = ()
    state: str = ""  # applied | in | left | removed
    card: str = ""
    rooms: tuple[RoomSign, ...] = field(default=())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def places_of(actor: Actor) -> list[Place]:
    """Communities the acting member is in or has applied to, with her rooms, by name. Queries: 2 or 3."""
    if actor.member_id is None:
        return []
    stays = (
        Membership.objects.filter(
            member_id=actor.member_id,
            state__in=[Membership.State.IN, Membership.State.APPLIED],
        )
        .select_related("community")
        .order_by("community__name")
    )
    places = [_place(stay.community, stay) for stay in stays]
    inside = [place.id for place in places if place.state == Membership.State.IN]
    rooms = _rooms_by_community(actor, inside) if inside else {}
    return [replace(place, rooms=tuple(rooms.get(place.id, ()))) for place in places]


def place_called(public_id: str, member_id: int | None = None) -> Place | None:
    """A community as it can be looked at before joining, with the member's state in it. Drafts are
    not shown. Queries: 1 or 2."""
    return _looked_at(Q(public_id=public_id), member_id)


def place_by_id(community_id: int, member_id: int | None = None) -> Place | None:
    """As `place_called`, for programs that know the id."""
    return _looked_at(Q(pk=community_id), member_id)


@dataclass(frozen=True)
class Stay:
    """One membership as its member reads it, also of communities she has left."""

    community: str
    state: str
    joined_at: datetime
    left_at: datetime | None
    messages: int


def stays_of(actor: Actor) -> list[Stay]:
    """Every membership of the acting member, oldest first. Queries: 1."""
    if actor.member_id is None:
        return []
    rows = Membership.objects.filter(member_id=actor.member_id).select_related("community")
    return [
        Stay(row.community.name, row.state, row.joined_at, row.left_at, row.messages)
        for row in rows.order_by("joined_at", "id")
    ]


def badges_in(
    community_id: int, member_ids: Iterable[int | None]
) -> dict[int, list[str | Promise]]:
    """The open in-group roles of members, as the words of their badges. Queries: 1."""
    held = MemberRole.objects.filter(
        membership__community_id=community_id,
        membership__member_id__in={pk for pk in member_ids if pk is not None},
        until__isnull=True,
    ).values_list("membership__member_id", "role")
    badges: dict[int, list[str | Promise]] = {}
    for member_id, role in held.order_by("since"):
        known = IN_ROOM_ROLES[InRoomRole(role)].badge if role in set(InRoomRole) else role
        badges.setdefault(member_id, []).append(known)
    return badges


def _looked_at(which: Q, member_id: int | None) -> Place | None:
    community = Community.objects.filter(which).exclude(phase=Phase.DRAFT).first()
    if community is None:
        return None
    stay = None
    if member_id is not None:
        stay = Membership.objects.filter(community=community, member_id=member_id).first()
    return _place(community, stay)


def _rooms_by_community(actor: Actor, community_ids: Sequence[int]) -> dict[int, list[RoomSign]]:
    """Back rooms are for those who may see how the community is run."""
    keepers = community_ids_with(actor, Right.VIEW_COMMUNITY)
    found: dict[int, list[RoomSign]] = {}
    for room in Room.objects.filter(community_id__in=community_ids).order_by("id"):
        is_back_room = room.purpose == Room.Purpose.BACK_ROOM
        if is_back_room and keepers is not None and room.community_id not in keepers:
            continue
        sign = RoomSign(room.pk, room.name, room.connector, room.is_open, is_back_room)
        found.setdefault(room.community_id, []).append(sign)
    return found


def _place(community: Community, stay: Membership | None) -> Place:
    rules = community.settings.get("rules", [])
    return Place(
        id=community.pk,
        public_id=community.public_id,
        name=community.name,
        host_name=community.host_name,
        colour=community.colour,
        purpose=community.purpose,
        audience=community.audience,
        expected_effect=community.expected_effect,
        timezone=community.timezone,
        is_screened=community.is_screened,
        is_closed=community.phase == Phase.CLOSED,
        rules=tuple(str(rule) for rule in rules) if isinstance(rules, list) else (),
        state=stay.state if stay else "",
        card=stay.card if stay else "",
    )
