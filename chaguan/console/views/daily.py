"""今日小结 The daily report of a community: any day, to read, to print, as a table."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.communities.selectors import Community, communities_visible_to, has_right
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.daily import day_csv, day_figures, day_page
from chaguan.console.lines.daily_kept import kept_of_place, troubles_of
from chaguan.console.views.community import frame_of
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError, Missing
from chaguan.playbooks.actions.reports import close_trouble, file_trouble, hand_in
from chaguan.playbooks.selectors.reports import daily_report
from chaguan.ui.shortcuts import toast

FIRST, ONE = date(2000, 1, 1), timedelta(days=1)


@staff_required
def day_now(request: StaffRequest, slug: str) -> HttpResponse:
    """To the report of today, as the community counts days."""
    community = _community(request, slug)
    return redirect("console:community-day", community.slug, _today(community).isoformat())


@staff_required
def day(request: StaffRequest, slug: str, day: str) -> HttpResponse:
    """What was done, what was left out and why, what is open, what was said; its exceptions."""
    community = _community(request, slug)
    return _page(request, community, _day(day, community))


def _page(
    request: StaffRequest, community: Community, asked: date, refusal: ChaguanError | None = None
) -> HttpResponse:
    report = daily_report(request.actor, community.pk, asked, now=clock.now())
    context: dict[str, Any] = frame_of(request, community, "playbooks") | {
        "day": asked,
        "today": _today(community),
        "before": asked - ONE if asked > FIRST else None,
        "after": asked + ONE if asked < _today(community) else None,
        "report": report,
        "page": day_page(report),
        "figures": day_figures(request.actor, community.pk, asked),
        "kept": kept_of_place(request.actor, community.pk, asked),
        "troubles": troubles_of(request.actor, community.pk, asked),
        "may_report": has_right(request.actor, Right.RUN_PLAYBOOKS, community.pk),
        "refusal": str(refusal) if refusal else "",
        "typed": request.POST if refusal else {},
    }
    status = refusal.http_status if refusal else 200
    with timezone.override(ZoneInfo(community.timezone)):  # its hours are the community's
        return render(request, "console/communities/day.html", context, status=status)


@staff_required
@require_POST
def day_step(request: StaffRequest, slug: str, day: str) -> HttpResponse:
    """Hand the report in, file an exception, close one. A refusal stands at the top; what was typed stays."""
    community = _community(request, slug)
    asked = _day(day, community)
    try:
        toast(request, _act(request, community, asked))
    except ChaguanError as refusal:
        return _page(request, community, asked, refusal)
    return redirect("console:community-day", community.slug, asked.isoformat())


def _act(request: StaffRequest, community: Community, asked: date) -> str:
    form, actor, now = request.POST, request.actor, clock.now()
    match form.get("act", ""):
        case "hand_in":
            report = kept_of_place(actor, community.pk, asked).report
            figures = {one.label: one.value for one in day_figures(actor, community.pk, asked)}
            note = form.get("note", "")
            hand_in(actor, report.pk if report else 0, now=now, note=note, figures=figures)
            return _("Handed in. Thank you.")
        case "file":
            what, proposal = form.get("what", ""), form.get("proposal", "")
            file_trouble(actor, community.pk, now=now, day=asked, what=what, proposal=proposal)
            return _("Filed. It stays on Today until it is closed.")
        case "close":
            number = form.get("trouble", "")
            mine = troubles_of(actor, community.pk, asked)
            if number not in {str(trouble.pk) for trouble, _name in mine}:
                raise Missing
            close_trouble(actor, int(number), now=now, outcome=form.get("outcome", ""))
            return _("Closed, with how it came out.")
    raise ChaguanError(_("We do not know this decision."))


@staff_required
def day_table(request: StaffRequest, slug: str, day: str) -> HttpResponse:
    """The same for a spreadsheet."""
    community = _community(request, slug)
    asked = _day(day, community)
    report = daily_report(request.actor, community.pk, asked, now=clock.now())
    text = day_csv(day_page(report), day_figures(request.actor, community.pk, asked), report)
    response = HttpResponse(f"\ufeff{text}", content_type="text/csv; charset=utf-8")
    name = f"{community.slug}-{asked.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _community(request: StaffRequest, slug: str) -> Community:
    return get_object_or_404(communities_visible_to(request.actor, Right.VIEW_REPORTS), slug=slug)


def _today(community: Community) -> date:
    return clock.now().astimezone(ZoneInfo(community.timezone)).date()


def _day(text: str, community: Community) -> date:
    """The day an address names; days that have not begun have no report."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not FIRST <= asked <= _today(community):
        raise Http404
    return asked
