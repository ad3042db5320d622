"""The operation plan of a community on paper: goal, calendar, division of work, time, risks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render

from chaguan.communities.selectors.warnings import warnings_for
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.playbooks import role_words
from chaguan.console.lines.playbooks_runs import COLUMN_WORDS, ENTRY_LOOKS
from chaguan.console.views.community import community_or_404, frame_of
from chaguan.kernel import clock
from chaguan.playbooks.selectors.library import document_in
from chaguan.playbooks.selectors.plan import operation_plan

if TYPE_CHECKING:
    from chaguan.playbooks.selectors.plan import RunPlan


@staff_required
def community_plan(request: StaffRequest, slug: str) -> HttpResponse:
    """Everything from live data: the dates are those of the runs."""
    community, now = community_or_404(request, slug), clock.now()
    plan = operation_plan(request.actor, community.pk, now=now)
    warnings = [w for w in warnings_for(request.actor, now) if w.community_id == community.pk]
    context = {
        **frame_of(request, community, "playbooks"),
        "plan": plan,
        "runs": [_shown(one) for one in plan.runs],
        "warnings": warnings,
        "budget": str(community.settings.get("budget", "")),
    }
    return render(request, "console/playbooks/plan.html", context)


def _shown(one: RunPlan) -> dict[str, object]:
    return {
        "plan": one,
        "document": document_in(one.run.edition),
        "days": [
            (day, [(entry, ENTRY_LOOKS[entry.state]) for entry in entries])
            for day, entries in one.days
        ],
        "roles": [(role_words(row.role), row.user or row.member, n) for row, n in one.roles],
        "trouble": [(COLUMN_WORDS[c.code], c.total, c.cards) for c in one.trouble],
    }
