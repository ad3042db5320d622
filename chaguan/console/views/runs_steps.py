"""One step of a run: its dated moments, its messages and lines, and what can be changed about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from chaguan.channels.selectors.sending import outbox_visible_to
from chaguan.communities.selectors import has_right
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.actors import actor_names
from chaguan.console.lines.outbox import outbox_lines
from chaguan.console.lines.playbooks import role_words
from chaguan.console.lines.playbooks_runs import COLUMN_LOOKS
from chaguan.kernel import clock
from chaguan.playbooks.selectors.board import columns_by_moment, messages_of
from chaguan.playbooks.selectors.library import document_in
from chaguan.playbooks.selectors.runs import runs_visible_to
from chaguan.playbooks.selectors.steps import step_of_run
from chaguan.playbooks.types import RunState
from chaguan.ui.paging import keyset_page_of

if TYPE_CHECKING:
    from chaguan.playbooks.selectors.steps import StepOfRun

SHOWN_LINES = 40
LINE_LOOKS = {"open": "waiting"}  # the other states of a line are codes of ui.states themselves


@staff_required
def run_one_step(request: StaffRequest, run_id: int, step_code: str) -> HttpResponse:
    """Who, when, why, and every message; one dated moment of it with `?at=<its id>`."""
    run = get_object_or_404(runs_visible_to(request.actor), pk=run_id)
    at = request.GET.get("at", "")
    found = step_of_run(run, step_code, int(at) if at.isdigit() else None)
    if found is None:
        raise Http404
    paged = keyset_page_of(request, _messages(request, found), ("-due_at", "-id"))
    columns = columns_by_moment(run, now=clock.now())
    context: dict[str, Any] = {
        "place": "playbook",
        "run": run,
        "document": document_in(run.edition),
        "found": found,
        "role": role_words(found.step.actor),
        "moments": [
            (row, COLUMN_LOOKS[columns[row.pk]], found.moves.get(row.pk)) for row in found.moments
        ],
        "lines": _lines(found),
        "messages_shown": outbox_lines(paged.rows, request.actor, clock.now()),
        "paged": paged,
        "is_open": run.state in (RunState.RUNNING, RunState.PAUSED),
        "may_run": has_right(request.actor, Right.RUN_PLAYBOOKS, run.community_id),
        "can_shift": not found.step.is_personal
        and any(row.state == "waiting" for row in found.moments),
        "can_move": any(row.state != "waiting" for row in found.moments),
    }
    return render(request, "console/playbooks/run_step.html", context)


def _messages(request: StaffRequest, found: StepOfRun) -> Any:
    """The outbox rows of the step, or of the one moment that was asked for."""
    which = Q(payload__step=found.step.pk)
    if found.only is not None:
        which &= Q(payload__occurrence=found.only)
    mine = messages_of(found.run).filter(which)
    return outbox_visible_to(request.actor).filter(pk__in=mine.values("pk"))


def _lines(found: StepOfRun) -> list[Any]:
    """What people were given to do for it, with who did it."""
    lines = list(found.lines[:SHOWN_LINES])
    names = actor_names({line.done_by for line in lines if line.done_by})
    return [
        (line, LINE_LOOKS.get(line.state, line.state), names.get(line.done_by, ""))
        for line in lines
    ]
