"""Who may do what where. Rights come from staff posts, from in-group roles, or from owning the house."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from chaguan.communities.models import Community, MemberRole, Membership
from chaguan.communities.roles import rights_of_role
from chaguan.communities.types import InRoomRole, Right
from chaguan.kernel.actor import Actor


@dataclass(frozen=True)
class Rights:
    """All rights of one actor: over everything, for all communities, and per community."""

    has_all: bool = False
    everywhere: frozenset[str] = frozenset()
    by_community: dict[int, frozenset[str]] = field(default_factory=dict)

    def allow(self, right: str, community_id: int | None = None) -> bool:
        """Ask for one right. `community_id` None: may they do it for the whole house?"""
        if self.has_all or right in self.everywhere:
            return True
        return community_id is not None and right in self.by_community.get(
            community_id, frozenset()
        )

    def community_ids(self, right: str) -> frozenset[int] | None:
        """Communities where the right holds; None means all of them."""
        if self.has_all or right in self.everywhere:
            return None
        return frozenset(pk for pk, rights in self.by_community.items() if right in rights)

    def all_ids(self) -> frozenset[int] | None:
        """Communities where any right holds; None means all of them."""
        return None if self.has_all or self.everywhere else frozenset(self.by_community)


_NOTHING = Rights()
_EVERYTHING = Rights(has_all=True)
_remembered: ContextVar[dict[Actor, Rights] | None] = ContextVar("remembered_rights", default=None)


@contextmanager
def remembering_rights() -> Iterator[None]:
    """Read each actor's rights once inside the block. Wrapped around a request, never around a worker."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def forget_rights() -> None:
    """Called by the actions that change rights, so that the same request sees the change."""
    kept = _remembered.get()
    if kept is not None:
        kept.clear()


def rights_of(actor: Actor) -> Rights:
    """All rights of the actor. One statement, or none inside `remembering_rights` the second time."""
    kept = _remembered.get()
    if kept is None:
        return _read(actor)
    if actor not in kept:
        kept[actor] = _read(actor)
    return kept[actor]


def has_right(actor: Actor, right: str, community_id: int | None = None) -> bool:
    """Whether the actor holds the right there; with no community, whether for the whole house."""
    return rights_of(actor).allow(right, community_id)


def community_ids_with(actor: Actor, right: str) -> frozenset[int] | None:
    """Ids of the communities where the actor holds the right; None means all, empty means none."""
    return rights_of(actor).community_ids(right)


def has_right_somewhere(actor: Actor, right: str) -> bool:
    """Whether the actor holds the right in any community or for the house: is the menu entry shown?"""
    ids = community_ids_with(actor, right)
    return ids is None or bool(ids)


def communities_visible_to(actor: Actor, right: str = Right.VIEW_COMMUNITY) -> QuerySet[Community]:
    """Communities where the actor holds the right. Screens start from this."""
    ids = community_ids_with(actor, right)
    if ids is None:
        return Community.objects.all()
    return Community.objects.filter(pk__in=ids) if ids else Community.objects.none()


def communities_joined_by(actor: Actor) -> QuerySet[Community]:
    """Communities the acting member is in: what the member pages show. Rights play no part."""
    if actor.member_id is None:
        return Community.objects.none()
    inside = Membership.objects.filter(member_id=actor.member_id, state=Membership.State.IN)
    return Community.objects.filter(pk__in=inside.values("community_id"))


def _read(actor: Actor) -> Rights:
    if actor.is_system:
        return _EVERYTHING
    if actor.user_id is not None:
        return _of_login(actor.user_id)
    if actor.member_id is not None:
        return _of_member(actor.member_id)
    return _NOTHING


def _of_login(user_id: int) -> Rights:
    posts = (
        get_user_model()
        .objects.filter(pk=user_id, is_active=True)
        .values_list("is_superuser", "posts__community_id", "posts__role__rights")
    )
    everywhere: set[str] = set()
    by_community: dict[int, frozenset[str]] = {}
    for is_superuser, community_id, rights in posts:
        if is_superuser:
            return _EVERYTHING
        if rights is None:
            continue
        if community_id is None:
            everywhere.update(rights)
        else:
            by_community[community_id] = by_community.get(community_id, frozenset()) | set(rights)
    return Rights(everywhere=frozenset(everywhere), by_community=by_community)


def _of_member(member_id: int) -> Rights:
    held = MemberRole.objects.filter(
        membership__member_id=member_id,
        membership__state=Membership.State.IN,
        until__isnull=True,
    ).values_list("membership__community_id", "role")
    by_community: dict[int, frozenset[str]] = {}
    for community_id, role in held:
        rights: frozenset[str] = frozenset(rights_of_role(role))
        by_community[community_id] = by_community.get(community_id, frozenset()) | rights
    return Rights(by_community=by_community)


def is_owner(actor: Actor, community_id: int) -> bool:
    """Whether the acting member holds the role owner (群主) in the community."""
    if actor.member_id is None:
        return False
    return MemberRole.objects.filter(
        membership__community_id=community_id,
        membership__member_id=actor.member_id,
        membership__state=Membership.State.IN,
        role=InRoomRole.OWNER,
        until__isnull=True,
    ).exists()
