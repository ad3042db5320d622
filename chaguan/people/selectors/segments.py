"""Who is in a segment (分群): pages and counts for screens, querysets for playbooks and reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from chaguan.kernel.actor import Actor
from chaguan.people.contract.conditions import Asking
from chaguan.people.contract.reach import reach_of
from chaguan.people.models import Member, Segment
from chaguan.people.segment_plan import CAPS, as_planned, best_plan
from chaguan.people.segments import compile_tree, parse
from chaguan.people.selectors.members import VIEW, members_visible_to


@dataclass(frozen=True)
class SegmentPage:
    """One page of members. `after` of the next page is `next` (None: the last one).

    `count` is exact, or with `is_capped` means "more than": 10,000, or less where counting takes long.
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


def segment_page(
    actor: Actor,
    tree: Any,
    after: str | None,
    limit: int,
    now: datetime,
    *,
    counts_far: bool = False,
) -> SegmentPage:
    """One page of members in a segment, newest first, as far as the actor may see them.

    `after` is the `next` of the page before. With `counts_far` the count goes to 10,000 even where that
    takes a second or two: for acts on all members, not for looking.
    Raises: Invalid for a tree that says nothing sensible.
    """
    asking = asking_of(actor, now)
    with as_planned():
        plan = best_plan(parse(tree, asking), asking, CAPS[:1] if counts_far else CAPS)
        found = members_visible_to(actor).filter(plan.filter).order_by("-pk")
        ids = list(found.values_list("pk", flat=True)[: plan.up_to])
        is_capped = len(ids) == plan.up_to
        here = [pk for pk in ids if pk < int(after)] if after else ids
        if after and len(here) <= limit and is_capped:  # beyond what was counted
            deeper = found.filter(pk__lt=int(after)).values_list("pk", flat=True)
            here = list(deeper[: limit + 1])
    rows = Member.objects.in_bulk(here[:limit])
    members = [rows[pk] for pk in here[:limit] if pk in rows]
    following = str(here[limit - 1]) if len(here) > limit else None
    return SegmentPage(members, following, len(ids) - is_capped, is_capped)
