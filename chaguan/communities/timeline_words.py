"""Words on the member's timeline for the facts of this app, and members' first words."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.communities.events import (
    MemberActivated,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    RoleEnded,
    RoleGiven,
    SessionOpened,
)
from chaguan.communities.models import Community, Membership
from chaguan.communities.roles import IN_ROOM_ROLES
from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import InRoomRole, Right
from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor
from chaguan.people.contract.timeline import Entry, sources, wordings


def _names(facts: Sequence[Logged]) -> dict[int, str]:
    ids = {fact.community_id for fact in facts if fact.community_id is not None}
    return dict(Community.objects.filter(pk__in=ids).values_list("pk", "name"))


@wordings.add(MemberJoined.name)
@wordings.add(MemberLeft.name)
@wordings.add(MemberRemoved.name)
def moved(facts: Sequence[Logged]) -> dict[int, str]:
    """Which community, and the reason of a removal."""
    names, found = _names(facts), {}
    for fact in facts:
        parts = [names.get(fact.community_id or 0, ""), fact.data.get("reason", "")]
        found[fact.id] = " · ".join(part for part in parts if part)
    return found


@wordings.add(MemberActivated.name)
def activated(facts: Sequence[Logged]) -> dict[int, str]:
    """Which community, and how soon after joining."""
    names, found = _names(facts), {}
    for fact in facts:
        words = {
            "community": names.get(fact.community_id or 0, ""),
            "days": fact.data["took_s"] // 86400 + 1,
        }
        found[fact.id] = _("%(community)s, on day %(days)d after joining") % words
    return found


@wordings.add(RoleGiven.name)
@wordings.add(RoleEnded.name)
def role(facts: Sequence[Logged]) -> dict[int, str]:
    """The badge and the community."""
    names, found = _names(facts), {}
    for fact in facts:
        code = fact.data["role"]
        badge = IN_ROOM_ROLES[InRoomRole(code)].badge if code in set(InRoomRole) else code
        words = {"role": badge, "community": names.get(fact.community_id or 0, "")}
        found[fact.id] = _("%(role)s of %(community)s") % words
    return found


@wordings.add(SessionOpened.name)
def session(facts: Sequence[Logged]) -> dict[int, str]:
    """The topic."""
    return {fact.id: fact.data["topic"] for fact in facts}


FIRST_WORDS = gettext_lazy("First message")


@sources.add("communities.first_words")
def first_words(actor: Actor, member_id: int, before: datetime | None, limit: int) -> list[Entry]:
    """When the member first spoke in each community: single messages are too many for a timeline."""
    spoken = Membership.objects.filter(member_id=member_id, first_message_at__isnull=False)
    ids = community_ids_with(actor, Right.VIEW_MEMBERS)
    if ids is not None:
        spoken = spoken.filter(community_id__in=ids)
    if before is not None:
        spoken = spoken.filter(first_message_at__lt=before)
    rows = spoken.order_by("-first_message_at").values_list(
        "first_message_at", "community__name", "community_id"
    )
    return [
        Entry(at, "communities.first_words", FIRST_WORDS, name, pk)
        for at, name, pk in rows[:limit]
        if at is not None
    ]
