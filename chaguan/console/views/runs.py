"""One run (执行): every step with its state, the calendar, and what a person can change about it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.communities.selectors import has_right
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.playbooks import RUN_LOOKS, board_lines, role_words
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.runs import pause_run, resume_run, shift_run, skip_step, stop_run
from chaguan.playbooks.selectors.library import document_in
from chaguan.playbooks.selectors.runs import run_board, run_calendar, runs_visible_to
from chaguan.playbooks.types import RunState
from chaguan.ui.shortcuts import render_swap, toast

if TYPE_CHECKING:
    from chaguan.playbooks.models import Run

OCCURRENCE_LOOKS = {
    "waiting": "planned",
    "done": "done",
    "skipped": "skipped",
    "late": "late",
    "asked": "waiting",
    "cancelled": "cancelled",
}


@staff_required
def run(request: StaffRequest, run_id: int) -> HttpResponse:
    """The run as a list of steps with their states, or as a calendar."""
    found = get_object_or_404(runs_visible_to(request.actor), pk=run_id)
    context = _context(request, found)
    page, partial = "console/playbooks/run.html", "console/playbooks/_run.html"
    return render_swap(request, page, partial, context)


@staff_required
@require_POST
def run_step(request: StaffRequest, run_id: int) -> HttpResponse:
    """Pause, resume, shift, skip a step, stop. A refusal stands on the page, nothing is lost."""
    found = get_object_or_404(runs_visible_to(request.actor), pk=run_id)
    now, refusal, status = clock.now(), "", 200
    try:
        toast(request, _act(request, found, now))
    except ChaguanError as error:
        refusal, status = str(error), error.http_status
    if not refusal and not request.htmx:
        return redirect("console:run", found.pk)
    found.refresh_from_db()
    context = {**_context(request, found), "refusal": refusal}
    page, partial = "console/playbooks/run.html", "console/playbooks/_run.html"
    return render_swap(request, page, partial, context, status)


def _act(request: StaffRequest, found: Run, now: Any) -> str:
    """Do what the form says; return the sentence to show."""
    actor, form = request.actor, request.POST
    match form.get("act", ""):
        case "pause":
            pause_run(actor, found.pk, now=now)
            return _("Paused. Nothing of it is sent until it goes on.")
        case "resume":
            resume_run(actor, found.pk, now=now)
            return _("It goes on. What was to come has moved by the days it stood still.")
        case "shift":
            days = _whole(form.get("days", ""))
            shift_run(actor, found.pk, days, now=now)
            return _("Moved. The dates below are the new ones.")
        case "skip":
            skip_step(
                actor, found.pk, form.get("step", ""), form.get("reason", "").strip(), now=now
            )
            return _("Skipped. The reason stands beside the step.")
        case "stop":
            stop_run(actor, found.pk, form.get("reason", "").strip(), now=now)
            return _("Stopped. What was still to come is cancelled and stays visible.")
    raise ChaguanError(_("We do not know this decision."))


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ChaguanError(_("Say by how many days, as a whole number.")) from None


def _context(request: StaffRequest, found: Run) -> dict[str, Any]:
    zone = ZoneInfo(found.zone)
    today = clock.now().astimezone(zone).date()
    view = "calendar" if request.GET.get("view") == "calendar" else "steps"
    board = run_board(found)
    days: list[Any] = []
    if view == "calendar":
        last = today + timedelta(days=60)
        days = [
            (day.day, [(row, step, OCCURRENCE_LOOKS[row.state]) for row, step in day.steps])
            for day in run_calendar(found, found.starts_on - timedelta(days=30), last)
        ]
    return {
        "place": "playbook",
        "run": found,
        "document": document_in(found.edition),
        "look": RUN_LOOKS[RunState(found.state)],
        "view": view,
        "lines": board_lines(board.lines),
        "roles": [(role_words(role.role), role.user or role.member) for role in board.roles],
        "people": board.people,
        "days": days,
        "today": today,
        "is_open": found.state in (RunState.RUNNING, RunState.PAUSED),
        "may_run": has_right(request.actor, Right.RUN_PLAYBOOKS, found.community_id),
    }


@staff_required
def runs(request: StaffRequest) -> HttpResponse:
    """All runs, also those that are over."""
    found = runs_visible_to(request.actor)[:200]
    rows = [(run, RUN_LOOKS[RunState(run.state)]) for run in found]
    return render(request, "console/playbooks/runs.html", {"place": "playbook", "runs": rows})
