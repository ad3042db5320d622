"""What members are called."""

from collections.abc import Collection

from chaguan.kernel.remembering import remembered
from chaguan.kernel.rowset import ids_in
from chaguan.people.models import Member


def names_of(member_ids: Collection[int]) -> dict[int, str]:
    """The names of these members. One statement; the caller has checked who may look."""
    return _names(set(member_ids))


@remembered
def _names(member_ids: set[int]) -> dict[int, str]:
    rows = Member.objects.filter(pk__in=ids_in(member_ids))
    return dict(rows.values_list("pk", "name"))
