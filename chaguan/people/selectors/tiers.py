"""The four traffic tiers (流量层级) as this house names them, which stages belong to each, and who is there."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise

from chaguan.kernel.actor import Actor
from chaguan.people.models import StageTier, TierName
from chaguan.people.selectors.stages import funnel
from chaguan.people.types import TIER_AS_SHIPPED, RelationStage, TrafficTier
from chaguan.people.words import TIER_LABELS


@dataclass(frozen=True)
class Tier:
    """One tier: its permanent code, the house's name for it, and its stages in order."""

    code: TrafficTier
    name: str | Promise
    stages: tuple[RelationStage, ...]


@dataclass(frozen=True)
class TierStep:
    """One tier and how many people stand in its stages now."""

    tier: Tier
    members: int


def tier_of_stages() -> dict[RelationStage, TrafficTier]:
    """The tier of each of the seven stages: as shipped, where this house says nothing else. One statement."""
    changed = dict(StageTier.objects.values_list("stage", "tier"))
    return {s: TrafficTier(changed.get(s.value, TIER_AS_SHIPPED[s])) for s in RelationStage}


def tier_names() -> dict[TrafficTier, str | Promise]:
    """What this house calls its tiers. One statement."""
    named = dict(TierName.objects.values_list("tier", "name"))
    return {tier: named.get(tier.value) or TIER_LABELS[tier] for tier in TrafficTier}


def tiers() -> list[Tier]:
    """All four, from public traffic to paying users; one without stages has none. Two statements."""
    of_stage, names = tier_of_stages(), tier_names()
    return [
        Tier(tier, names[tier], tuple(s for s in RelationStage if of_stage[s] == tier))
        for tier in TrafficTier
    ]


def funnel_by_tier(actor: Actor, *, among: Q | None = None) -> list[TierStep]:
    """As `funnel`, seen in four steps: the same people, counted by the tier of their stage."""
    members = {step.stage: step.members for step in funnel(actor, among=among)}
    return [TierStep(tier, sum(members[s] for s in tier.stages)) for tier in tiers()]
