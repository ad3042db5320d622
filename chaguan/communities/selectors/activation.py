"""How many newcomers have experienced the product, how long it took them, and who has not yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import Exists, OuterRef, QuerySet

from chaguan.communities.activation import EVERYWHERE, Act, countable_facts, goals
from chaguan.communities.models import Activation, ActivationGoal, Membership
from chaguan.communities.selectors.memberships import memberships_visible_to
from chaguan.kernel.actor import Actor
from chaguan.people.events import OrderConfirmed, ProductUsed

__all__ = [
    "Act",
    "ActivationSheet",
    "act_choices",
    "activated_in",
    "activation_sheet",
    "acts_everywhere",
    "not_yet_in",
]


@dataclass(frozen=True)
class ActivationSheet:
    """The rate of one community. `median_s` seconds from joining to the act; None where nobody has."""

    acts: Sequence[Act]
    is_own: bool
    people: int
    activated: int
    median_s: float | None

    @property
    def share(self) -> float:
        return self.activated / self.people if self.people else 0.0


def activation_sheet(community_id: int) -> ActivationSheet:
    """People inside now, bots left out. Statements: 4; the caller has checked who may look."""
    wanted = goals()
    took = list(_activated(community_id).values_list("took_s", flat=True))
    return ActivationSheet(
        wanted.get(community_id, wanted[EVERYWHERE]),
        ActivationGoal.objects.filter(place=community_id).exists(),
        _inside(community_id).count(),
        len(took),
        median(took) if took else None,
    )


def act_choices() -> list[tuple[str, str]]:
    """Facts that may count as an act, by name: use and orders first, then by title."""
    first = (ProductUsed.name, OrderConfirmed.name)
    found = [(name, str(fact.title)) for name, fact in countable_facts().items()]
    order = {name: place for place, name in enumerate(first)}
    return sorted(found, key=lambda one: (order.get(one[0], len(order)), one[1]))


def acts_everywhere() -> Sequence[Act]:
    """The acts that hold in communities without their own. One statement."""
    return goals()[EVERYWHERE]


def activated_in(actor: Actor, community_id: int) -> QuerySet[Activation]:
    """Who reached the goal, the last first; nobody for those who may not see members."""
    seen = memberships_visible_to(actor, community_id).values("member_id")
    rows = _activated(community_id).filter(member_id__in=seen)
    return rows.select_related("member").order_by("-at", "-pk")


def not_yet_in(actor: Actor, community_id: int) -> QuerySet[Membership]:
    """Who is inside and has not reached it, those who joined first in front."""
    done = Activation.objects.filter(community=community_id, member=OuterRef("member_id"))
    seen = memberships_visible_to(actor, community_id).filter(
        ~Exists(done), state=Membership.State.IN, member__is_bot=False
    )
    return seen.order_by("joined_at", "pk")


def _inside(community_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(
        community_id=community_id, state=Membership.State.IN, member__is_bot=False
    )


def _activated(community_id: int) -> QuerySet[Activation]:
    inside = _inside(community_id).values("member_id")
    return Activation.objects.filter(community_id=community_id, member_id__in=inside)
