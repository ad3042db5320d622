"""How many members communities have now."""

from collections.abc import Collection

from django.db.models import Count

from chaguan.communities.models import Membership


def member_counts(community_ids: Collection[int]) -> dict[int, int]:
    """Members who are in, without known bots; 0 where nobody is. One statement."""
    rows = (
        Membership.objects.filter(
            community_id__in=list(community_ids), state=Membership.State.IN, member__is_bot=False
        )
        .values("community_id")
        .annotate(members=Count("pk"))
    )
    found = {row["community_id"]: row["members"] for row in rows}
    return {pk: found.get(pk, 0) for pk in community_ids}
