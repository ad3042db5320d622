"""Rules: a first confirmed order means bought, a second one bought again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Logged
from chaguan.people.contract.stage_rules import stage_rules
from chaguan.people.events import OrderConfirmed
from chaguan.people.models import Order
from chaguan.people.types import RelationStage


@dataclass(frozen=True)
class OrderNumber:
    """The order is at least the member's `nth`, in the order they were confirmed."""

    label: str | Promise
    stage: RelationStage
    nth: int
    fact: str = OrderConfirmed.name

    def evidence(self, batch: Sequence[Logged]) -> Iterable[Logged]:
        members = {fact.member_id for fact in batch if fact.member_id is not None}
        rows = Order.objects.filter(member_id__in=members).order_by("id")
        seen: dict[int, int] = {}
        number: dict[str, int] = {}
        for member_id, reference in rows.values_list("member_id", "reference"):
            seen[member_id] = number[reference] = seen.get(member_id, 0) + 1
        return [fact for fact in batch if number.get(fact.data["reference"], 1) >= self.nth]


stage_rules.add("first_order")(
    OrderNumber(_("Confirmed a first order"), RelationStage.BOUGHT, nth=1)
)
stage_rules.add("second_order")(
    OrderNumber(_("Confirmed a second order"), RelationStage.BOUGHT_AGAIN, nth=2)
)
