"""The funnel of relation stages, the rules behind it, and one member's moves."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.people.contract.reach import reach_of
from chaguan.people.contract.stage_rules import stage_rules
from chaguan.people.models import Member, StageChange, StageRuleSwitch
from chaguan.people.selectors.members import VIEW, may_see_member
from chaguan.people.types import RelationStage
from chaguan.people.words import STAGE_LABELS


@dataclass(frozen=True)
class FunnelStep:
    """One stage and how many people are in it now."""

    stage: RelationStage
    label: str | Promise
    members: int


def funnel(actor: Actor, *, among: Q | None = None) -> list[FunnelStep]:
    """People per stage, all seven in order, as far as the actor may see; bots left out. One statement."""
    rows = Member.objects.filter(reach_of(actor, VIEW).q, merged_into__isnull=True, is_bot=False)
    counts = dict(
        rows.filter(among or Q()).order_by().values_list("stage").annotate(members=Count("pk"))
    )
    return [FunnelStep(s, STAGE_LABELS[s], counts.get(s.value, 0)) for s in RelationStage]


@dataclass(frozen=True)
class RuleState:
    """One stage rule as the settings page shows it."""

    code: str
    label: str | Promise
    stage: RelationStage
    is_on: bool


def stage_rule_states() -> list[RuleState]:
    """All rules, with those turned off in this house."""
    off = set(StageRuleSwitch.objects.filter(is_on=False).values_list("code", flat=True))
    return [RuleState(code, r.label, r.stage, code not in off) for code, r in stage_rules]


def stage_changes_of(actor: Actor, member_id: int) -> QuerySet[StageChange]:
    """A member's moves, newest first, with rule or reason. Raises Missing for a stranger."""
    if not may_see_member(actor, member_id):
        raise Missing
    return StageChange.objects.filter(member_id=member_id).order_by("-at", "-pk")
