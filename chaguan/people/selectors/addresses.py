"""Where members can be reached at a channel."""

from collections.abc import Collection

from chaguan.people.models import Identity


def addresses_of(member_ids: Collection[int], connector: str) -> dict[int, str]:
    """The channel's id of each member that has one there; the newest where there are several."""
    rows = Identity.objects.filter(member_id__in=member_ids, connector=connector).order_by("id")
    return dict(rows.values_list("member_id", "external_id"))
