"""Where imported records go: one manual account per community, one room per room name in the file."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from chaguan.channels.actions.accounts import add_account
from chaguan.channels.ingest.storing import Channel, Place
from chaguan.channels.ingest.tidying import one_line, short_id
from chaguan.channels.models import Account, ImportRun
from chaguan.communities.actions.adopting import adopt_room
from chaguan.communities.selectors.zones import zone_of
from chaguan.kernel.actor import Actor

CONNECTOR = "manual"
ONLY_ROOM = "main"  # external id of the room of records that name none
MAX_ROOMS = 1000


@dataclass
class Destination:
    """The community, account and rooms of one import. Rooms are made when a record first names them."""

    actor: Actor
    community_id: int
    community_name: str
    account_id: int
    only_room: str  # name for the room of records that name none; empty: the community's
    _places: dict[str, Place] = field(default_factory=dict)

    @classmethod
    def of(cls, actor: Actor, run: ImportRun, now: datetime) -> "Destination":
        """Find or make what a confirmed run needs."""
        assert run.community is not None
        account = _account(actor, run.community_id, run.community.name, now)
        only_room = str(run.options.get("into_room", ""))
        return cls(actor, run.community.pk, run.community.name, account.pk, only_room)

    @property
    def channel(self) -> Channel:
        return Channel(CONNECTOR, f"account:{self.account_id}", "import")

    def zone_for(self, name: str) -> tzinfo:
        """The zone for times without one: as the person said, else the community's."""
        return ZoneInfo(name) if name else zone_of(self.community_id)

    def place_of(self, room_name: str) -> Place:
        """The place for records of one room name. Past 1,000 rooms the name is surely not a room's."""
        place = self._places.get(room_name)
        if place is None:
            if len(self._places) >= MAX_ROOMS:
                return self.place_of("")
            place = self._places[room_name] = self._adopt(room_name)
        return place

    def _adopt(self, room_name: str) -> Place:
        name = one_line(room_name) or self.only_room
        room_id = adopt_room(
            self.actor,
            self.community_id,
            name=name or self.community_name,
            connector=CONNECTOR,
            account_id=self.account_id,
            external_id=short_id(name) or ONLY_ROOM,
        )
        return Place(self.community_id, room_id)


def _account(actor: Actor, community_id: int | None, name: str, now: datetime) -> Account:
    """The community's account for apps we cannot reach. It is found by the community, not by its label."""
    mine = Account.objects.filter(connector=CONNECTOR, settings__community_id=community_id)
    known = mine.order_by("pk").first()
    if known is not None:
        return known
    label = f"{name[:60]} #{community_id}"
    return add_account(actor, CONNECTOR, label, now=now, settings={"community_id": community_id})
