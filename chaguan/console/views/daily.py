"""今日小结 The daily report of a community: any day, to read, to print, as a table."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from chaguan.communities.selectors import Community, communities_visible_to
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.daily import day_csv, day_figures, day_page
from chaguan.console.views.community import frame_of
from chaguan.kernel import clock
from chaguan.playbooks.selectors.reports import daily_report

FIRST, ONE = date(2000, 1, 1), timedelta(days=1)


@staff_required
def day_now(request: StaffRequest, slug: str) -> HttpResponse:
    """To the report of today, as the community counts days."""
    community = _community(request, slug)
    return redirect("console:community-day", community.slug, _today(community).isoformat())


@staff_required
def day(request: StaffRequest, slug: str, day: str) -> HttpResponse:
    """What was done, what was left out and why, what is open, what was said."""
    community = _community(request, slug)
    asked = _day(day, community)
    report = daily_report(request.actor, community.pk, asked, now=clock.now())
    context: dict[str, Any] = frame_of(request, community, "playbooks") | {
        "day": asked,
        "today": _today(community),
        "before": asked - ONE if asked > FIRST else None,
        "after": asked + ONE if asked < _today(community) else None,
        "report": report,
        "page": day_page(report),
        "figures": day_figures(request.actor, community.pk, asked),
    }
    with timezone.override(ZoneInfo(community.timezone)):  # its hours are the community's
        return render(request, "console/communities/day.html", context)


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
