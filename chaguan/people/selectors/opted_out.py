"""Who asked not to be contacted one to one."""

from collections.abc import Collection

from chaguan.kernel.remembering import remembered
from chaguan.kernel.rowset import ids_in
from chaguan.people.models import Member


def opted_out(member_ids: Collection[int]) -> set[int]:
    """Which of these members opted out of private messages. One statement."""
    return _opted_out(set(member_ids))


@remembered
def _opted_out(member_ids: set[int]) -> set[int]:
    rows = Member.objects.filter(pk__in=ids_in(member_ids), touch_opt_out_at__isnull=False)
    return set(rows.values_list("pk", flat=True))
