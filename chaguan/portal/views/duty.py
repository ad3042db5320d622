"""The steward's sheet on the phone (轮值群管): today's assignments, ticked with a note."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chaguan.communities.selectors import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.assignments import (
    approve_assignment,
    complete_assignment,
    skip_assignment,
)
from chaguan.playbooks.actions.missed import send_missed
from chaguan.playbooks.actions.together import approve_together, complete_together, skip_together
from chaguan.playbooks.selectors.notation import Person
from chaguan.playbooks.selectors.own_time import WeekTime, week_times
from chaguan.playbooks.selectors.sheet_steps import SheetPile, alike, together, ways_of
from chaguan.playbooks.selectors.sheets import (
    SheetLine,
    assignments_of,
    lines_of,
    picture_of,
    sheet_csv,
    sheet_of,
    with_pictures,
)
from chaguan.playbooks.types import PICTURE_BYTES
from chaguan.portal.auth import MemberRequest, member_required
from chaguan.portal.forms import DutyForm, OwnTimeForm
from chaguan.portal.frame import my_places, show
from chaguan.ui.paging import keyset_page_of
from chaguan.ui.pictures import picture_in, picture_response

if TYPE_CHECKING:
    from chaguan.playbooks.models import Assignment

OPEN = ("open", "late")
ON_A_PAGE = 20


@member_required
@require_safe
def sheet(request: MemberRequest) -> HttpResponse:
    """What the steward does today, over all her communities; late things first."""
    return duty_page(request)


@member_required
@require_POST
def tick(request: MemberRequest, assignment_id: int) -> HttpResponse:
    """Done, with a note, a link or a picture; agreed to, be it late; or left out, with a reason."""
    if not assignments_of(request.actor).filter(pk=assignment_id).exists():
        raise Http404
    form, now = DutyForm(request.POST), clock.now()
    lead = _lead(request, request.POST.get("all", ""))
    again = partial(duty_page, request) if lead is None else partial(_all_page, request, lead)
    if not form.is_valid():
        return again(form=form, form_of=assignment_id, status=422)
    note, proof = form.cleaned_data["note"], form.cleaned_data["proof"]
    try:
        if "skip" in request.POST:
            skip_assignment(request.actor, assignment_id, note, now=now)
            done = _("Left out; your reason is kept.")
        elif "approve" in request.POST:
            approve_assignment(request.actor, assignment_id, now=now, note=note)
            done = _("Agreed. It goes out now.")
        elif "anyway" in request.POST:
            send_missed(request.actor, assignment_id, now=now, note=note)
            done = _("It goes out now, late.")
        else:
            picture = picture_in(request, PICTURE_BYTES)
            complete_assignment(
                request.actor, assignment_id, now=now, note=note, proof=proof, picture=picture
            )
            done = _("Done. Thank you.")
    except ChaguanError as refusal:
        return again(form=form, form_of=assignment_id, refusal=refusal)
    messages.success(request, done)
    if lead is not None and alike(lead).exists():
        return HttpResponseRedirect(reverse("portal:duty-all", args=[lead.pk]))
    return HttpResponseRedirect(reverse("portal:duty"))


def _lead(request: MemberRequest, number: str) -> Assignment | None:
    """The line that names all of a step, when it is one of her own."""
    if not number.isdecimal():
        return None
    return assignments_of(request.actor).filter(pk=int(number)).first()


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def all_of_step(request: MemberRequest, assignment_id: int) -> HttpResponse:
    """The open lines of one step, one by one; or all decided with one press."""
    lead = _lead(request, str(assignment_id))
    if lead is None:
        raise Http404
    if request.method != "POST":
        return _all_page(request, lead)
    form, now = DutyForm(request.POST), clock.now()
    if not form.is_valid():
        return duty_page(request, form=form, form_of=assignment_id, status=422)
    note = form.cleaned_data["note"]
    try:
        if "skip" in request.POST:
            amount = skip_together(request.actor, lead.pk, note, now=now)
            done = _("%(n)d left out; your reason is kept.")
        elif "approve" in request.POST:
            amount = approve_together(request.actor, lead.pk, now=now, note=note)
            done = _("Agreed. %(n)d go out now.")
        else:
            amount = complete_together(request.actor, lead.pk, now=now, note=note)
            done = _("%(n)d done. Thank you.")
    except ChaguanError as refusal:
        return duty_page(request, form=form, form_of=assignment_id, refusal=refusal)
    messages.success(request, done % {"n": amount})
    return HttpResponseRedirect(reverse("portal:duty"))


def _all_page(
    request: MemberRequest,
    lead: Assignment,
    *,
    form: DutyForm | None = None,
    form_of: int = 0,
    refusal: ChaguanError | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = alike(lead).select_related("community", "run", "about")
    paged = keyset_page_of(request, rows, ("id",), size=ON_A_PAGE)
    lines = lines_of(paged.rows, now=clock.now())
    ways = ways_of(lines, request.actor)
    context = {
        "here": "duty",
        "lead": lead,
        "paged": paged,
        "amount": rows.count(),
        "first": lines[0] if lines else None,
        "waiting": [SheetPile(ways.get(line.assignment.pk, ""), [line]) for line in lines if line.assignment],
        "form": form,
        "form_of": form_of,
        "refusal": refusal,
    }  # fmt: skip
    code = refusal.http_status if refusal else status
    return show(request, "portal/duty/all.html", context, places=my_places(request), status=code)


@member_required
@require_safe
def picture(request: MemberRequest, assignment_id: int) -> HttpResponse:
    """The picture of one of her own lines."""
    row = assignments_of(request.actor).filter(pk=assignment_id).first()
    found = picture_of(row) if row is not None else None
    if found is None:
        raise Http404
    return picture_response(bytes(found.content), found.content_type)


@member_required
@require_safe
def table(request: MemberRequest) -> HttpResponse:
    """The day's sheet for a spreadsheet."""
    lines, zone = _lines(request)
    response = HttpResponse(
        f"\ufeff{sheet_csv(lines, zone)}", content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="today.csv"'
    return response


def _lines(request: MemberRequest) -> tuple[list[SheetLine], ZoneInfo]:
    """Today's lines in the zone of her first community. Raises Http404 for who has no duty at all."""
    places, now = my_places(request), clock.now()
    zone = places[0].zone if places else ZoneInfo(settings.TIME_ZONE)
    lines = sheet_of(request.actor, now.astimezone(zone).date(), zone, now=now)
    if not lines and not has_right_somewhere(request.actor, Right.DO_ASSIGNMENTS):
        raise Http404
    return lines, zone


def own_week(request: MemberRequest, zone: ZoneInfo) -> WeekTime:
    """What this week asks of the steward, beside the minutes she can give."""
    me = Person(member_id=request.visitor.member_id)
    return week_times([me], zone, now=clock.now())[me]


def duty_page(
    request: MemberRequest,
    *,
    form: DutyForm | None = None,
    form_of: int = 0,
    refusal: ChaguanError | None = None,
    time_form: OwnTimeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    lines, zone = _lines(request)
    own_time = own_week(request, zone)
    waiting = [line for line in lines if line.state in OPEN]
    done = [line for line in lines if line.state in ("done", "skipped")]
    given = [line.assignment.pk for line in done if line.assignment]
    context = {
        "pictures": with_pictures(given) if given else set(),
        "here": "duty",
        "waiting": together(waiting, ways_of(waiting, request.actor)),
        "amount": len(waiting),
        "upcoming": [line for line in lines if line.state == "upcoming"],
        "missed": together([line for line in lines if line.state == "expired"], {}),
        "done": together(done, {}),
        "done_amount": len(done),
        "form": form,
        "form_of": form_of,
        "refusal": refusal,
        "own_time": own_time,
        "time_form": time_form or OwnTimeForm(initial={"minutes": own_time.given}),
    }
    code = refusal.http_status if refusal else status
    return show(request, "portal/duty/page.html", context, places=my_places(request), status=code)
