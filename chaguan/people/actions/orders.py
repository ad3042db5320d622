"""What members did outside that we are told: orders and use of the product."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require
from chaguan.people.events import OrderConfirmed, ProductUsed
from chaguan.people.models import Order
from chaguan.people.policies import may_edit_member


@transaction.atomic
def confirm_order(
    actor: Actor,
    member_id: int,
    reference: str,
    *,
    now: datetime,
    amount_fen: int = 0,
    community_id: int | None = None,
) -> bool:
    """Note a confirmed order. The same `reference` again changes nothing and returns False.

    Emits: OrderConfirmed. Raises: Refused, Invalid without a reference. Races: the unique reference decides.
    """
    require(may_edit_member(actor, member_id))
    reference = reference.strip()[:120]
    if not reference or amount_fen < 0:
        raise Invalid(_("An order needs its number, and an amount that is not negative."))
    facts = {"amount_fen": amount_fen, "community_id": community_id}
    _order, is_new = Order.objects.get_or_create(
        reference=reference, defaults={"member_id": member_id, "at": now, **facts}
    )
    if is_new:
        record(OrderConfirmed(member_id, reference, amount_fen, community_id), actor=actor, at=now)
    return is_new


@transaction.atomic
def report_usage(
    actor: Actor,
    member_id: int,
    what: str,
    *,
    now: datetime,
    reference: str = "",
    community_id: int | None = None,
) -> bool:
    """Note that a member used the product. With a `reference` the same report counts once.

    Emits: ProductUsed. Raises: Refused.
    """
    require(may_edit_member(actor, member_id))
    return (
        record(
            ProductUsed(member_id, what[:120], community_id),
            actor=actor,
            at=now,
            source="usage" if reference else "chaguan",
            source_id=reference[:160] or None,
        )
        is not None
    )
