"""Which tags members carry."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Count, QuerySet

from chaguan.people.models import MemberTag, Tag


def tags_of(member_ids: Collection[int]) -> dict[int, list[str]]:
    """The tags of each member, by name. One statement."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = MemberTag.objects.filter(member_id__in=member_ids).order_by("tag__name")
    for member_id, name in rows.values_list("member_id", "tag__name"):
        found[member_id].append(name)
    return found


def tag_names(limit: int = 200) -> list[str]:
    """All tags by name, for a list to choose from."""
    return list(Tag.objects.order_by("name").values_list("name", flat=True)[:limit])


def rule_tags() -> QuerySet[Tag]:
    """Tags that a rule keeps, by name, with `carriers` and when they were last brought up to date."""
    kept = Tag.objects.filter(rule__isnull=False)
    return kept.annotate(carriers=Count("membertag")).order_by("name")
