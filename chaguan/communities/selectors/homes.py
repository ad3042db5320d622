"""Where members belong, as far as the one who asks may see."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from chaguan.communities.models import Membership
from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor


@dataclass(frozen=True)
class Home:
    """One membership of one member."""

    member_id: int
    community_id: int
    name: str
    slug: str
    state: str
    joined_at: datetime
    left_at: datetime | None
    origin: str
    messages: int
    last_message_at: datetime | None

    @property
    def is_in(self) -> bool:
        return self.state == Membership.State.IN


def homes_of(actor: Actor, member_ids: Collection[int]) -> dict[int, list[Home]]:
    """The memberships of each member in communities the actor may see, the livelier first. Queries: 1."""
    rows = Membership.objects.filter(member_id__in=member_ids)
    ids = community_ids_with(actor, Right.VIEW_MEMBERS)
    if ids is not None:
        rows = rows.filter(community_id__in=ids)
    found: dict[int, list[Home]] = defaultdict(list)
    for row in rows.select_related("community").order_by("-messages", "community_id"):
        found[row.member_id].append(
            Home(
                member_id=row.member_id,
                community_id=row.community_id,
                name=row.community.name,
                slug=row.community.slug,
                state=row.state,
                joined_at=row.joined_at,
                left_at=row.left_at,
                origin=row.origin,
                messages=row.messages,
                last_message_at=row.last_message_at,
            )
        )
    return found


def last_talk_at(community_id: int) -> datetime | None:
    """When the last message was said in a community; None where nobody spoke yet. One index probe."""
    rows = Membership.objects.filter(community_id=community_id)
    latest: datetime | None = rows.aggregate(at=Max("last_message_at"))["at"]
    return latest
