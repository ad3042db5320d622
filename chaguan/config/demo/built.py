"""One community of the demo as it stands in the database while the house is built."""

from dataclasses import dataclass, field

from chaguan.channels.contract import Record
from chaguan.config.demo.cast import Person
from chaguan.config.demo.history import Chronicle
from chaguan.config.demo.plan import CommunitySketch
from chaguan.kernel.actor import Actor
from chaguan.people.models import Identity

DEMO = Actor.system("demo")
IMPORT = Actor.system("import:demo")  # facts by this actor are history; nobody answers them


@dataclass
class Built:
    """A community, its people, its rooms and accounts by key, and what is still to be lived through."""

    sketch: CommunitySketch
    id: int
    people: list[Person]
    chronicle: Chronicle
    rooms: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    member_ids: dict[str, int] = field(default_factory=dict)
    lived: list[tuple[int, Record]] = field(default_factory=list)  # room id and what happens there

    def learn_ids(self) -> None:
        """Look up which member stands behind each handle that has been seen so far."""
        missing = [p.handle for p in self.people if p.handle not in self.member_ids]
        rows = Identity.objects.filter(connector="portal", external_id__in=missing)
        self.member_ids.update(rows.values_list("external_id", "member_id"))
