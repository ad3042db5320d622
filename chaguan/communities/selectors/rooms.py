"""Rooms of communities, for those who run them."""

from collections.abc import Collection

from django.db.models import QuerySet

from chaguan.communities.models import Room


def rooms_in(community_ids: Collection[int]) -> QuerySet[Room]:
    """Rooms of these communities, back rooms last; the caller has checked who may look."""
    return Room.objects.filter(community_id__in=community_ids).order_by("-purpose", "id")
