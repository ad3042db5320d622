"""What members are called."""

from collections.abc import Collection

from chaguan.people.models import Member


def names_of(member_ids: Collection[int]) -> dict[int, str]:
    """The names of these members. One statement for each thousand; the caller has checked who may look."""
    ids = list(member_ids)
    found: dict[int, str] = {}
    for start in range(0, len(ids), 1000):
        rows = Member.objects.filter(pk__in=ids[start : start + 1000])
        found.update(rows.values_list("pk", "name"))
    return found
