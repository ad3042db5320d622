"""Facts about members."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class StageChanged(Event):
    """A member moved on the relation ladder, by a rule or by a person's reason."""

    name: ClassVar[str] = "people.stage_changed"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Relation stage changed")

    member_id: int
    old: str
    new: str
    rule: str = ""
    reason: str = ""
    community_id: int | None = None


@dataclass(frozen=True)
class MemberTagged(Event):
    """A tag was put on a member."""

    name: ClassVar[str] = "people.member_tagged"
    title: ClassVar = _("Tag added")

    member_id: int
    tag: str
    community_id: int | None = None


@dataclass(frozen=True)
class MemberUntagged(Event):
    """A tag was taken off a member."""

    name: ClassVar[str] = "people.member_untagged"
    title: ClassVar = _("Tag removed")

    member_id: int
    tag: str
    community_id: int | None = None


@dataclass(frozen=True)
class OrderConfirmed(Event):
    """A member's order was confirmed outside. `amount_fen` in hundredths of a yuan; 0 when not told."""

    name: ClassVar[str] = "people.order_confirmed"
    title: ClassVar = _("Order confirmed")

    member_id: int
    reference: str
    amount_fen: int = 0
    community_id: int | None = None


@dataclass(frozen=True)
class ProductUsed(Event):
    """A member used the product: a log-in, a lesson, a function tried."""

    name: ClassVar[str] = "people.product_used"
    title: ClassVar = _("Product used")

    member_id: int
    what: str = ""
    community_id: int | None = None


@dataclass(frozen=True)
class TouchOptedOut(Event):
    """A member asked not to be contacted one to one any more."""

    name: ClassVar[str] = "people.touch_opted_out"
    title: ClassVar = _("Opted out of private messages")

    member_id: int


@dataclass(frozen=True)
class TiersChanged(Event):
    """The house renamed traffic tiers or moved stages between them."""

    name: ClassVar[str] = "people.tiers_changed"
    title: ClassVar = _("Traffic tiers changed")

    names: dict[str, str]
    stages: dict[str, str]
