"""When people left communities, or asked there not to be written to: what watches over pushes reads it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from chaguan.communities.models import Community, Membership
from chaguan.communities.types import Phase

State = Membership.State


def departures(community_ids: Collection[int], since: datetime) -> dict[int, list[datetime]]:
    """The instants at which people left by themselves or opted out, by community. Two statements.

    For apps that have checked who may look.
    """
    here = Membership.objects.filter(community_id__in=list(community_ids), member__is_bot=False)
    left = here.filter(state=State.LEFT, left_at__gte=since)
    quiet = here.filter(state=State.IN, member__touch_opt_out_at__gte=since)
    found: dict[int, list[datetime]] = defaultdict(list)
    for rows, at_field in ((left, "left_at"), (quiet, "member__touch_opt_out_at")):
        for community_id, at in rows.values_list("community_id", at_field):
            found[community_id].append(at)
    return dict(found)


def living_with_content(kind: str) -> list[int]:
    """Communities under way that deliver this kind of content. One statement."""
    rows = Community.objects.filter(
        content_kind=kind, phase__in=[Phase.RECRUITING, Phase.RUNNING, Phase.CLOSING]
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))
