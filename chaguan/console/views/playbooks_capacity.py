"""The planning board: what all runs ask of each person per week, and what she can give."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from chaguan.communities.selectors import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.settings import minutes_said
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.capacity import set_capacity
from chaguan.playbooks.selectors.capacity import monday_of, planning_board
from chaguan.playbooks.selectors.notation import Person
from chaguan.ui.shortcuts import toast

WEEKS = 4


@staff_required
def planning(request: StaffRequest) -> HttpResponse:
    """Four weeks, everybody with a role in an open run; a form for each person's hours."""
    if not has_right_somewhere(request.actor, Right.RUN_PLAYBOOKS):
        raise Http404
    refusal, status, wrong = "", 200, ""
    if request.method == "POST":
        try:
            _set_hours(request)
        except ChaguanError as error:
            refusal, status, wrong = str(error), error.http_status, request.POST.get("who", "")
        else:
            toast(request, _("Saved."))
            return redirect(request.get_full_path())
    context = {**_context(request), "refusal": refusal, "wrong": wrong}
    context["typed"] = request.POST.get("hours", "")
    return render(request, "console/playbooks/planning.html", context, status=status)


def _set_hours(request: StaffRequest) -> None:
    kind, _sep, number = request.POST.get("who", "").partition("-")
    pk = int(number) if number.isdigit() else 0
    person = Person(user_id=pk) if kind == "u" else Person(member_id=pk)
    minutes = minutes_said(request.POST.get("hours", ""))
    set_capacity(request.actor, person, minutes, now=clock.now())


def _context(request: StaffRequest) -> dict[str, Any]:
    zone, now = get_current_timezone(), clock.now()
    today = now.astimezone(zone).date()
    try:
        first = parse_date(request.GET.get("from", "")) or today
        monday = monday_of(first)
        after = monday + timedelta(weeks=WEEKS)
        before = monday - timedelta(weeks=WEEKS)
    except (ValueError, OverflowError):
        monday = monday_of(today)
        before, after = monday - timedelta(weeks=WEEKS), monday + timedelta(weeks=WEEKS)
    board = planning_board(request.actor, monday, WEEKS, zone, now=now)
    return {
        "place": "playbook",
        "board": [(_token(line.person), line) for line in board],
        "weeks": [monday + timedelta(weeks=n) for n in range(WEEKS)],
        "before": before,
        "after": after,
        "too_much": [line.name for line in board if line.is_over],
    }


def _token(person: Person) -> str:
    return f"u-{person.user_id}" if person.user_id is not None else f"m-{person.member_id}"
