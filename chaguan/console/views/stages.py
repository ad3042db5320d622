"""成员 Members: how many people stand on each step of the relation ladder (关系阶段)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.segment import builder_of_tree, query_of
from chaguan.kernel import clock
from chaguan.people.contract import Asking
from chaguan.people.selectors.segments import asking_of
from chaguan.people.selectors.stages import RuleState, funnel, stage_rule_states
from chaguan.people.selectors.tiers import funnel_by_tier
from chaguan.people.words import STAGE_LABELS
from chaguan.ui.csv_files import safe_row

COUNTED = {"stage": _("By stage"), "tier": _("By tier")}


@dataclass(frozen=True)
class Rung:
    """One stage or tier as the page shows it. `percent` of all people counted; `url` opens them."""

    label: str | Promise
    members: int
    percent: int
    url: str
    note: tuple[str | Promise, ...]


@staff_required
def stages(request: StaffRequest) -> HttpResponse:
    """People per stage or per tier, each number a link to them, with the rules that lead there."""
    by, rungs = _rungs(request)
    total = sum(rung.members for rung in rungs)
    ways = [(code, name, code == by) for code, name in COUNTED.items()]
    context = {"place": "members", "by": by, "ways": ways, "rungs": rungs, "total": total}
    return render(request, "console/members/stages.html", context)


@staff_required
def stages_csv(request: StaffRequest) -> HttpResponse:
    """The same counts for a spreadsheet."""
    by, rungs = _rungs(request)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-by-{by}.csv"'
    table = csv.writer(response, lineterminator="\n")
    table.writerow([str(COUNTED[by]), _("People")])
    table.writerows(safe_row([str(rung.label), rung.members]) for rung in rungs)
    return response


def _rungs(request: StaffRequest) -> tuple[str, list[Rung]]:
    """The steps of the funnel the page was asked for: `?by=tier`, else by stage."""
    by = "tier" if request.GET.get("by") == "tier" else "stage"
    asking = asking_of(request.actor, clock.now())
    found: list[tuple[str | Promise, int, dict[str, object], tuple[str | Promise, ...]]]
    if by == "tier":
        found = [
            (
                step.tier.name,
                step.members,
                {"condition": "tier", "tiers": [step.tier.code.value]},
                tuple(STAGE_LABELS[stage] for stage in step.tier.stages),
            )
            for step in funnel_by_tier(request.actor)
        ]
    else:
        rules = stage_rule_states()
        found = [
            (
                step.label,
                step.members,
                {"condition": "stage", "stages": [step.stage.value]},
                _evidence(step.stage, rules),
            )
            for step in funnel(request.actor)
        ]
    total = sum(members for _label, members, _people, _note in found) or 1
    return by, [
        Rung(label, members, round(100 * members / total), _link(people, asking), note)
        for label, members, people, note in found
    ]


def _evidence(stage: str, rules: Sequence[RuleState]) -> tuple[str | Promise, ...]:
    return tuple(rule.label for rule in rules if rule.stage == stage and rule.is_on)


def _link(people: dict[str, object], asking: Asking) -> str:
    builder = builder_of_tree({"all": [people, {"not": {"condition": "bot"}}]}, asking)
    query = query_of(builder) if builder else ""
    return f"{reverse('console:members')}?{query}"
