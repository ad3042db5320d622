"""成员 Members: how many people stand on each step of the relation ladder (关系阶段)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.segment import builder_of_tree, query_of
from chaguan.kernel import clock
from chaguan.people.contract import Asking
from chaguan.people.selectors.segments import asking_of
from chaguan.people.selectors.stages import FunnelStep, RuleState, funnel, stage_rule_states


@dataclass(frozen=True)
class Rung:
    """One stage as the page shows it. `percent` of all people counted; `url` opens them."""

    label: str | Promise
    members: int
    percent: int
    url: str
    evidence: tuple[str | Promise, ...]


@staff_required
def stages(request: StaffRequest) -> HttpResponse:
    """People per stage, each number a link to them, with the rules that lead there."""
    steps = funnel(request.actor)
    asking = asking_of(request.actor, clock.now())
    total = sum(step.members for step in steps)
    rules = stage_rule_states()
    rungs = [_rung(step, total, asking, rules) for step in steps]
    context = {"place": "members", "rungs": rungs, "total": total}
    return render(request, "console/members/stages.html", context)


def _rung(step: FunnelStep, total: int, asking: Asking, rules: Sequence[RuleState]) -> Rung:
    people = {"condition": "stage", "stages": [step.stage.value]}
    builder = builder_of_tree({"all": [people, {"not": {"condition": "bot"}}]}, asking)
    query = query_of(builder) if builder else ""
    return Rung(
        step.label,
        step.members,
        round(100 * step.members / total) if total else 0,
        f"{reverse('console:members')}?{query}",
        tuple(rule.label for rule in rules if rule.stage == step.stage and rule.is_on),
    )
