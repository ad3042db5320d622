"""成员 Members: what each relation stage asks for (关系阶段 → 触达动作), and the plan it starts."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chaguan.communities.types import CommunityType
from chaguan.communities.words import TYPE_LABELS
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.stage_plans import WORD_LABELS, StagePlanForm
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.stage_plans import (
    NO_RUN,
    NOWHERE,
    begin_waiting,
    set_stage_plan,
)
from chaguan.playbooks.policies import may_edit_playbooks
from chaguan.playbooks.selectors.stage_plans import WORDS, StageRow, stage_rows, starts_in
from chaguan.ui.shortcuts import toast

SHOWN = 50
REASONS: dict[str, str | Promise] = {
    NO_RUN: gettext_lazy("The plan does not run in any community of this person."),
    NOWHERE: gettext_lazy("This person is in no community."),
}


@staff_required
def stage_plans(request: StaffRequest) -> HttpResponse:
    """The seven rows."""
    context = {
        "place": "members",
        "rows": [(row, _words(row), _types(row)) for row in stage_rows(request.actor)],
        "may_edit": bool(may_edit_playbooks(request.actor)),
    }
    return render(request, "console/members/stage_plans.html", context)


@staff_required
def stage_plan(request: StaffRequest, stage: str) -> HttpResponse:
    """One row: change it, see whom its plan reached and who waits, try again for those."""
    row = next((r for r in stage_rows(request.actor) if r.stage.value == stage), None)
    if row is None:
        raise Http404
    is_retry = request.POST.get("step") == "retry"
    posted = request.POST if request.method == "POST" and not is_retry else None
    form = StagePlanForm(posted, row=row, actor=request.actor)
    status, refusal = 422 if form.is_bound else 200, ""
    try:
        if is_retry:
            begun = begin_waiting(request.actor, stage, now=clock.now())
            told = ngettext("%(n)d person came onto it.", "%(n)d people came onto it.", begun)
            toast(request, told % {"n": begun})
            return redirect("console:stage-plan", stage)
        if form.is_valid():
            _keep(request, stage, form)
            toast(request, _("Saved. It holds for everybody who comes to this stage from now on."))
            return redirect("console:stage-plans")
    except ChaguanError as error:
        status, refusal = error.http_status, str(error.message)
    waiting = starts_in(request.actor, stage, "waiting")[:SHOWN]
    context = {
        "place": "members",
        "row": row,
        "words": _words(row),
        "types": _types(row),
        "form": form,
        "refusal": refusal,
        "started": starts_in(request.actor, stage, "started")[:SHOWN],
        "waiting": [(one, REASONS.get(one.reason, one.reason)) for one in waiting],
        "may_edit": bool(may_edit_playbooks(request.actor)),
    }
    return render(request, "console/members/stage_plan.html", context, status=status)


def _keep(request: StaffRequest, stage: str, form: StagePlanForm) -> None:
    given = form.cleaned_data
    set_stage_plan(
        request.actor,
        stage,
        words={key: given[key] for key in WORDS},
        types=given["types"],
        playbook=given["playbook"],
        starts_runs=given["starts_runs"],
        now=clock.now(),
    )


def _words(row: StageRow) -> list[tuple[Any, str]]:
    return [(WORD_LABELS[key], row.words[key]) for key in WORDS]


def _types(row: StageRow) -> list[tuple[str, Any]]:
    return [(kind, TYPE_LABELS[CommunityType(kind)]) for kind in row.types]
