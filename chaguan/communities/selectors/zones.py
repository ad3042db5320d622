"""Time zones of communities: a local day is always the community's own."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from chaguan.communities.models import Community
from chaguan.kernel.errors import Missing


def zone_of(community_id: int) -> ZoneInfo:
    """The zone of one community. Raises Missing."""
    zones = zones_of([community_id])
    if community_id not in zones:
        raise Missing
    return zones[community_id]


def zones_of(community_ids: Iterable[int]) -> dict[int, ZoneInfo]:
    """The zone of each community. One statement."""
    rows = Community.objects.filter(pk__in=set(community_ids)).values_list("pk", "timezone")
    return {pk: ZoneInfo(name) for pk, name in rows}
