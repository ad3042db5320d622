"""Words on the member's timeline for the facts of this app."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from chaguan.eventlog.contract import Logged
from chaguan.people.contract.stage_rules import stage_rules
from chaguan.people.contract.timeline import wordings
from chaguan.people.events import (
    MemberTagged,
    MemberUntagged,
    OrderConfirmed,
    ProductUsed,
    StageChanged,
)
from chaguan.people.types import RelationStage
from chaguan.people.words import STAGE_LABELS


@wordings.add(StageChanged.name)
def stage_changed(facts: Sequence[Logged]) -> dict[int, str]:
    """From where to where, and why."""
    return {fact.id: _move(fact) for fact in facts}


def _move(fact: Logged) -> str:
    code = fact.data["rule"]
    evidence = str(stage_rules.get(code).label) if code in stage_rules else code
    words = {
        "old": STAGE_LABELS[RelationStage(fact.data["old"])],
        "new": STAGE_LABELS[RelationStage(fact.data["new"])],
        "why": fact.data.get("reason") or evidence,
    }
    return _("%(old)s → %(new)s (%(why)s)") % words


@wordings.add(MemberTagged.name)
@wordings.add(MemberUntagged.name)
def tagged(facts: Sequence[Logged]) -> dict[int, str]:
    """The tag."""
    return {fact.id: fact.data["tag"] for fact in facts}


@wordings.add(OrderConfirmed.name)
def order_confirmed(facts: Sequence[Logged]) -> dict[int, str]:
    """The number of the order and the amount where it was told."""
    found = {}
    for fact in facts:
        words = {
            "reference": fact.data["reference"],
            "yuan": f"{fact.data['amount_fen'] / 100:.2f}",
        }
        told = (
            _("Order %(reference)s, ¥%(yuan)s")
            if fact.data["amount_fen"]
            else _("Order %(reference)s")
        )
        found[fact.id] = told % words
    return found


@wordings.add(ProductUsed.name)
def product_used(facts: Sequence[Logged]) -> dict[int, str]:
    """What was used."""
    return {fact.id: fact.data["what"] for fact in facts}
