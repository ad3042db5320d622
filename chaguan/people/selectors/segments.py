"""Who is in a segment (分群): pages and counts for screens, querysets for playbooks and reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet

from chaguan.kernel.actor import Actor
from chaguan.people.contract.conditions import Asking
from chaguan.people.contract.reach import reach_of
from chaguan.people.models import Member, Segment
from chaguan.people.segments import compile_tree
from chaguan.people.selectors.members import VIEW

COUNT_UP_TO = 10_001
Order = Literal["newest", "name"]


@dataclass(frozen=True)
class SegmentPage:
    """One page of members. `after` of the next page is `next` (None: the last one).

    `count` is exact up to 10,000; with `is_capped` it means "more than".
    """

    members: list[Member]
    next: str | None
    count: int
    is_capped: bool


def asking_of(actor: Actor, now: datetime) -> Asking:
    """What the actor may ask about: the reach of the right to view members."""
    return Asking(now, reach_of(actor, VIEW).community_ids)


def segments_visible_to(actor: Actor) -> QuerySet[Segment]:
    """Saved segments: all for those who see all members, else one's own."""
    if reach_of(actor, VIEW).is_everyone:
        return Segment.objects.order_by("name", "pk")
    return Segment.objects.filter(owner_id=actor.user_id or 0).order_by("name", "pk")


def members_matching(tree: Any, asking: Asking) -> QuerySet[Member]:
    """Members in a segment, as a queryset to filter further or to put inside another statement.

    The caller answers for who may ask: `asking.community_ids` limits the rows conditions look at, not
    the members. Bots and opted-out members are in unless the tree says otherwise.
    """
    return Member.objects.filter(compile_tree(tree, asking), merged_into__isnull=True)
