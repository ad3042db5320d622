"""One run (执行): its board, its calendar, its steps, and what a person can change about it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.communities.selectors import has_right
from chaguan.communities.selectors.rooms import rooms_in
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.playbooks import RUN_LOOKS, board_lines, role_words
from chaguan.console.lines.playbooks_runs import COLUMN_LOOKS, COLUMN_WORDS, grid_of
from chaguan.console.views.runs_acts import Done, act_on_run
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.gatherings import notice_of
from chaguan.playbooks.selectors.board import COLUMNS, board_of
from chaguan.playbooks.selectors.library import document_in
from chaguan.playbooks.selectors.pauses import paused_rooms
from chaguan.playbooks.selectors.runs import run_board, runs_visible_to
from chaguan.playbooks.types import RunState
from chaguan.ui.shortcuts import render_swap, toast

if TYPE_CHECKING:
    from chaguan.playbooks.models import Run

PAGE, PARTIAL = "console/playbooks/run.html", "console/playbooks/_run.html"
VIEWS = ("board", "calendar", "steps")
ONE_COLUMN = 60  # cards of one column on a page of its own


@staff_required
def run(request: StaffRequest, run_id: int) -> HttpResponse:
    """The run as a board, as a calendar, or as a list of its steps."""
    found = get_object_or_404(runs_visible_to(request.actor), pk=run_id)
    return render_swap(request, PAGE, PARTIAL, _context(request, found))


@staff_required
@require_POST
def run_step(request: StaffRequest, run_id: int) -> HttpResponse:
    """Change something about the run. A refusal stands on the page, nothing is lost.

    The change may stand in the address instead of the form: the way back that a toast offers.
    """
    found = get_object_or_404(runs_visible_to(request.actor), pk=run_id)
    is_undo = "act" not in request.POST and "act" in request.GET
    form = request.GET if is_undo else request.POST
    refusal, status = "", 200
    try:
        _say(request, found, act_on_run(request.actor, found, form, now=clock.now()), is_undo)
    except ChaguanError as error:
        refusal, status = str(error), error.http_status
    if is_undo and request.htmx and not refusal:
        response = HttpResponse(status=200)
        response["HX-Refresh"] = "true"
        return response
    if not refusal and not request.htmx:
        where = reverse("console:run", args=[found.pk])
        view = request.GET.get("view", "")
        return redirect(f"{where}?{urlencode({'view': view})}" if view in VIEWS else where)
    found.refresh_from_db()
    context = {**_context(request, found), "refusal": refusal, "typed": form}
    return render_swap(request, PAGE, PARTIAL, context, status)


def _say(request: StaffRequest, found: Run, done: Done, is_undo: bool) -> None:
    """Say what happened, with a way back where there is one."""
    back = ""
    if done.undo and not is_undo:
        back = f"{reverse('console:run-step', args=[found.pk])}?{urlencode(done.undo)}"
    toast(request, done.sentence, undo_url=back)


def _context(request: StaffRequest, found: Run) -> dict[str, Any]:
    today = clock.now().astimezone(ZoneInfo(found.zone)).date()
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "board"
    may_run = has_right(request.actor, Right.RUN_PLAYBOOKS, found.community_id)
    context = {
        "place": "playbook",
        "run": found,
        "document": document_in(found.edition),
        "look": RUN_LOOKS[RunState(found.state)],
        "view": view,
        "query": request.GET.urlencode(),
        "today": today,
        "is_open": found.state in (RunState.RUNNING, RunState.PAUSED),
        "may_run": may_run,
        "rooms": _rooms(found),
        **_event(found),
    }
    if view == "board":
        return context | _board(request, found)
    if view == "calendar":
        return context | {"grid": _grid(request, found, today)}
    return context | _steps(found)


def _event(found: Run) -> dict[str, Any]:
    """When the event of the run is by its own clocks, and what the rooms hear if it is called off."""
    if found.event_at is None:
        return {"event_at": None}
    return {
        "event_at": found.event_at.astimezone(ZoneInfo(found.zone)),
        "may_move_event": document_in(found.edition).anchor == "event",
        "notice": notice_of(found, _("your reason")),
    }


def _rooms(found: Run) -> list[tuple[Any, Any]]:
    """The community's rooms where something is said, each with its pause."""
    paused = paused_rooms(found.pk)
    rooms = [room for room in rooms_in([found.community_id]) if room.purpose == "main"]
    return [(room, paused.get(room.pk)) for room in rooms]


def _board(request: StaffRequest, found: Run) -> dict[str, Any]:
    only = request.GET.get("column", "")
    only = only if only in COLUMNS else ""
    page = request.GET.get("page", "1")
    columns = board_of(
        found,
        now=clock.now(),
        only=only,
        size=ONE_COLUMN if only else 8,
        page=int(page) if page.isdigit() else 1,
    )
    shown = [(c, COLUMN_WORDS[c.code], COLUMN_LOOKS[c.code]) for c in columns]
    return {"columns": shown, "only": only, "column_words": COLUMN_WORDS.get(only, "")}


def _grid(request: StaffRequest, found: Run, today: date) -> Any:
    span = "week" if request.GET.get("span") == "week" else "month"
    usual = max(today, found.starts_on) if found.ended_at is None else found.starts_on
    try:
        day = parse_date(request.GET.get("day", "")) or usual
        return grid_of(found, span, day, today)
    except (ValueError, OverflowError):  # a day no calendar has, or one at the end of time
        return grid_of(found, span, usual, today)


def _steps(found: Run) -> dict[str, Any]:
    board = run_board(found)
    return {
        "lines": board_lines(board.lines),
        "roles": [(role_words(role.role), role.user or role.member) for role in board.roles],
        "people": board.people,
    }


@staff_required
def runs(request: StaffRequest) -> HttpResponse:
    """All runs, also those that are over."""
    found = runs_visible_to(request.actor)[:200]
    rows = [(run, RUN_LOOKS[RunState(run.state)]) for run in found]
    return render(request, "console/playbooks/runs.html", {"place": "playbook", "runs": rows})
