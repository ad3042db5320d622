"""今日 Today: the first page, one person's sheet over all communities."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chaguan.communities.selectors import communities_visible_to, has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.today import duties, heaps, sheet_for
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.outbox.actions import TooLate
from chaguan.playbooks.actions.assignments import (
    approve_assignment,
    complete_assignment,
    send_late_step,
    skip_assignment,
)
from chaguan.playbooks.actions.missed import send_missed
from chaguan.playbooks.actions.together import approve_together, complete_together, skip_together
from chaguan.playbooks.selectors.sheet_steps import alike
from chaguan.playbooks.selectors.sheets import (
    SheetLine,
    assignments_visible_to,
    lines_of,
    picture_of,
    sheet_csv,
    sheet_of,
)
from chaguan.playbooks.types import PICTURE_BYTES
from chaguan.ui.paging import keyset_page_of
from chaguan.ui.pictures import picture_in, picture_response
from chaguan.ui.shortcuts import leave_to, render_swap, toast

if TYPE_CHECKING:
    from chaguan.playbooks.models import Assignment

ON_A_PAGE = 30
DONE_WORDS = {
    "complete": gettext_lazy("Done. Thank you."),
    "approve": gettext_lazy("Agreed. It goes out now."),
    "skip": gettext_lazy("Left out, with your reason."),
    "send_late": gettext_lazy("It goes out after all."),
    "send_anyway": gettext_lazy("It goes out now, late."),
}
ALL_DONE_WORDS = {
    "complete": gettext_lazy("%(n)d done. Thank you."),
    "approve": gettext_lazy("Agreed. %(n)d go out now."),
    "skip": gettext_lazy("%(n)d left out; your reason is kept."),
}


@staff_required
def today(request: StaffRequest) -> HttpResponse:
    """What waits for this person, what comes next, what to watch, what is done."""
    now = clock.now()
    context = {
        "place": "today",
        "now": now,
        "sheet": sheet_for(request.actor, now),
        "has_communities": communities_visible_to(request.actor).exists(),
        "may_import": has_right_somewhere(request.actor, Right.IMPORT),
    }
    return render(request, "console/today/page.html", context)


@staff_required
def today_csv(request: StaffRequest) -> HttpResponse:
    """The day's sheet for a spreadsheet."""
    lines, zone = _lines(request, clock.now()), get_current_timezone()
    text = sheet_csv(lines, zone)
    response = HttpResponse(f"\ufeff{text}", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="today.csv"'
    return response


def _lines(request: StaffRequest, now: datetime) -> list[SheetLine]:
    zone = get_current_timezone()
    return sheet_of(request.actor, now.astimezone(zone).date(), zone, now=now)


@staff_required
@require_POST
def assignment_step(request: StaffRequest, assignment_id: int) -> HttpResponse:
    """Tick off, agree, leave out, or send late: one line of the sheet; a refusal stands in the line."""
    row = get_object_or_404(assignments_visible_to(request.actor), pk=assignment_id)
    step, now = request.POST.get("step", ""), clock.now()
    status, refusal, is_over = 200, "", False
    note, reason = request.POST.get("note", ""), request.POST.get("reason", "")
    proof = request.POST.get("proof", "")
    try:
        if step == "complete":
            picture = picture_in(request, PICTURE_BYTES)
            complete_assignment(
                request.actor, row.pk, now=now, note=note, proof=proof, picture=picture
            )
        elif step == "approve":
            approve_assignment(request.actor, row.pk, now=now, note=note)
        elif step == "skip":
            skip_assignment(request.actor, row.pk, reason, now=now)
        elif step == "send_late":
            send_late_step(request.actor, row.pk, now=now)
        elif step == "send_anyway":
            send_missed(request.actor, row.pk, now=now, note=note)
        else:
            status, refusal = 422, _("We do not know this decision.")
    except ChaguanError as error:
        status, refusal = error.http_status, str(error.message)
        is_over = isinstance(error, TooLate)
    if not refusal:
        toast(request, DONE_WORDS[step])
    typed = {"typed_note": note, "typed_reason": reason, "typed_proof": proof, "is_over": is_over}
    return _answer(request, row.pk, refusal, status, typed)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def all_of_step(request: StaffRequest, assignment_id: int) -> HttpResponse:
    """The open lines of one step one by one, or (POST) all of them decided with one press."""
    rows = assignments_visible_to(request.actor).select_related("community", "run", "about")
    lead = get_object_or_404(rows, pk=assignment_id)
    if request.method == "POST":
        return _decide_all(request, lead)
    paged = keyset_page_of(
        request, alike(lead).select_related("community", "run", "about"), ("id",), size=ON_A_PAGE
    )
    shown = duties(lines_of(paged.rows, now=clock.now()), request.actor)
    context = {
        "place": "today",
        "first": lines_of([lead], now=clock.now())[0],
        "amount": alike(lead).count(),
        "duties": shown,
        "paged": paged,
    }
    return render(request, "console/today/all.html", context)


def _decide_all(request: StaffRequest, lead: Assignment) -> HttpResponse:
    """Agree, tick off or leave out what `lead` names; a refusal stands in the card."""
    step, now = request.POST.get("step", ""), clock.now()
    note, reason = request.POST.get("note", ""), request.POST.get("reason", "")
    status, refusal, amount = 200, "", 0
    try:
        if step == "complete":
            amount = complete_together(request.actor, lead.pk, now=now, note=note)
        elif step == "approve":
            amount = approve_together(request.actor, lead.pk, now=now, note=note)
        elif step == "skip":
            amount = skip_together(request.actor, lead.pk, reason, now=now)
        else:
            status, refusal = 422, _("We do not know this decision.")
    except ChaguanError as error:
        status, refusal = error.http_status, str(error.message)
    if not refusal:
        toast(request, ALL_DONE_WORDS[step] % {"n": amount})
        return leave_to(request, reverse("console:today"))
    rows = alike(lead).select_related("community", "run", "about")
    shown = heaps(duties(lines_of(list(rows), now=now), request.actor))
    typed = {"typed_note": note, "typed_reason": reason}
    context = {"heaps": shown, "refusal": refusal, "place": "today", **typed}
    return render_swap(
        request, "console/today/heaps.html", "console/today/_heaps.html", context, status
    )


@staff_required
def assignment_picture(request: StaffRequest, assignment_id: int) -> HttpResponse:
    """The picture that proves a line; nobody keeps it on the way."""
    row = get_object_or_404(assignments_visible_to(request.actor), pk=assignment_id)
    picture = picture_of(row)
    if picture is None:
        raise Http404
    return picture_response(bytes(picture.content), picture.content_type)


def _answer(
    request: StaffRequest, assignment_id: int, refusal: str, status: int, typed: dict[str, Any]
) -> HttpResponse:
    """The line again (htmx), or back to the sheet."""
    if not request.htmx and not refusal:
        return redirect("console:today")
    now = clock.now()
    row = get_object_or_404(assignments_visible_to(request.actor), pk=assignment_id)
    lines = lines_of([row], now=now)
    context = {
        "duty": duties(lines, request.actor)[0],
        "refusal": refusal,
        "place": "today",
        **typed,
    }
    response = render_swap(
        request, "console/today/line.html", "console/today/_duty.html", context, status
    )
    response["HX-Trigger"] = "counts"
    return response
