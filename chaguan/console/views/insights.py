"""洞察 Insights: what the numbers say about one community, and the people behind each number."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.reporting import EVERY, SPANS, VIEWS, Reading, reading_from
from chaguan.console.lines.members import member_lines
from chaguan.console.lines.reports import blocks, span_in_words
from chaguan.insights.actions.definitions import change_windows
from chaguan.insights.policies import may_change_definitions
from chaguan.insights.selectors.answers import answer, catalogue, members_behind
from chaguan.insights.selectors.health import health_definition, health_of
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.people.selectors.members import members_visible_to
from chaguan.ui.csv_files import safe_row
from chaguan.ui.shortcuts import render_swap, toast

if TYPE_CHECKING:
    from chaguan.communities.models import Community
    from chaguan.insights.editions import Edition

SHOWN = 200  # members behind a number on one page


@staff_required
def insights(request: StaffRequest) -> HttpResponse:
    """The report of one community: the one asked for, or the first the reader may see."""
    readable = communities_visible_to(request.actor, Right.VIEW_REPORTS).order_by("name")
    community = _chosen(request, readable)
    if community is None:
        return render(request, "console/insights/empty.html", {"place": "insights"})
    reading = reading_from(request.GET, community.pk, clock.now())
    refusal, found, status = "", [], 200
    try:
        found = blocks(request.actor, reading)
    except ChaguanError as error:
        refusal, status = str(error.message), error.http_status
    context = {
        "place": "insights",
        "community": community,
        "communities": readable[:500],
        "reading": reading,
        "views": VIEWS.items(),
        "spans": SPANS.items(),
        "everies": EVERY.items(),
        "span_words": span_in_words(reading),
        "blocks": found,
        "health": health_of(request.actor, [community.pk]).get(community.pk),
        "refusal": refusal,
    }
    page, partial = "console/insights/page.html", "console/insights/_report.html"
    return render_swap(request, page, partial, context, status)


@staff_required
def behind(request: StaffRequest, code: str) -> HttpResponse:
    """The members behind one number. `key` names the row as the CSV prints it."""
    reading, community = _reading(request)
    key = [part for part in request.GET.get("key", "").split(",") if part]
    try:
        ids = members_behind(request.actor, code, [community.pk], reading.asked, key)
        definition = answer(request.actor, code, [community.pk], reading.asked)
    except (ChaguanError, ValueError, IndexError) as error:
        raise Http404 from error
    people = members_visible_to(request.actor).filter(pk__in=ids[:SHOWN]).order_by("name", "pk")
    context = {
        "place": "insights",
        "community": community,
        "reading": reading,
        "title": str(definition.metric.label),
        "formula": definition.formula,
        "key": ", ".join(key),
        "count": len(ids),
        "shown": SHOWN,
        "lines": member_lines(list(people), request.actor),
        "span_words": span_in_words(reading),
    }
    return render(request, "console/insights/behind.html", context)


@staff_required
def insights_csv(request: StaffRequest, code: str) -> HttpResponse:
    """The rows of one metric as a file that spreadsheets open safely."""
    reading, community = _reading(request)
    try:
        found = answer(request.actor, code, [community.pk], reading.asked)
    except ChaguanError as error:
        raise Http404 from error
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"{code}-{reading.asked.since}-{reading.asked.until}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(found.metric.columns)
    writer.writerows(safe_row(row) for row in found.rows)
    return response


@staff_required
def definitions(request: StaffRequest) -> HttpResponse:
    """Every metric and health state with its exact definition; a changed window is a new edition."""
    status, refusal = 200, ""
    if request.method == "POST":
        try:
            edition = _change(request)
            toast(request, _("Edition %(label)s holds from now on.") % {"label": edition.label})
            return redirect("console:definitions")
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
    context = {
        "place": "insights",
        "metrics": catalogue(),
        "health": health_definition(),
        "refusal": refusal,
        "may_change": bool(may_change_definitions(request.actor)),
    }
    return render(request, "console/insights/definitions.html", context, status=status)


def _change(request: StaffRequest) -> Edition:
    """The windows of the form, as whole numbers; anything else is refused by the action."""
    windows = {
        name.removeprefix("window-"): int(value) if value.isascii() and value.isdigit() else 0
        for name, value in request.POST.items()
        if name.startswith("window-") and isinstance(value, str)
    }
    code, note = request.POST.get("code", ""), request.POST.get("note", "").strip()[:200]
    return change_windows(request.actor, code, windows, note=note, now=clock.now())


def _chosen(request: StaffRequest, readable: Any) -> Community | None:
    wanted = request.GET.get("community", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 18:
        found: Community = get_object_or_404(readable, pk=int(wanted))
        return found
    first: Community | None = readable.first()
    return first


def _reading(request: StaffRequest) -> tuple[Reading, Community]:
    readable = communities_visible_to(request.actor, Right.VIEW_REPORTS)
    community = _chosen(request, readable.order_by("name"))
    if community is None:
        raise Http404
    return reading_from(request.GET, community.pk, clock.now()), community
