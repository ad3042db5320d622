"""Where rooms are at their channels."""

from collections.abc import Collection
from dataclasses import dataclass

from chaguan.communities.models import Room


@dataclass(frozen=True)
class RoomAddress:
    """A room as a channel knows it, with the name people see."""

    room_id: int
    external_id: str
    name: str
    connector: str
    account_id: int
    community_id: int


def addresses_of_rooms(room_ids: Collection[int]) -> dict[int, RoomAddress]:
    """The address of each room, by its id. One statement."""
    rows = Room.objects.filter(pk__in=room_ids).values_list(
        "pk", "external_id", "name", "connector", "account_id", "community_id"
    )
    return {row[0]: RoomAddress(*row) for row in rows}
