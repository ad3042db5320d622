"""Who asked not to be contacted one to one."""

from collections.abc import Collection

from chaguan.people.models import Member


def opted_out(member_ids: Collection[int]) -> set[int]:
    """Which of these members opted out of private messages. One statement."""
    rows = Member.objects.filter(pk__in=list(member_ids), touch_opt_out_at__isnull=False)
    return set(rows.values_list("pk", flat=True))
