"""Planned items as a page shows them: the coming days with what is in store."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from chaguan.playbooks.models import PlannedItem

DAYS = 14


def coming_days(
    community_id: int, first: date, days: int = DAYS
) -> list[tuple[date, Sequence[PlannedItem]]]:
    """Each day from `first` on with its items, in the order written. The caller checked who may look."""
    until = first + timedelta(days=days)
    found: dict[date, list[PlannedItem]] = defaultdict(list)
    rows = PlannedItem.objects.filter(community_id=community_id, day__gte=first, day__lt=until)
    for row in rows.order_by("day", "kind", "pk"):
        found[row.day].append(row)
    return [(first + timedelta(days=n), found[first + timedelta(days=n)]) for n in range(days)]


def item_of(community_id: int, item_id: int) -> PlannedItem | None:
    """One item of this community."""
    return PlannedItem.objects.filter(pk=item_id, community_id=community_id).first()
