"""作息与预算 A community's days off, calendar and budget."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chaguan.communities.actions.working_days import (
    add_days,
    drop_days,
    set_calendar_and_budget,
)
from chaguan.communities.selectors import Community
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.working_days import CalendarForm, DaysForm
from chaguan.console.views.community import community_or_404, frame_of
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.selectors.working_days import coming_spans, unpublished_from
from chaguan.ui.shortcuts import toast

FORMS: dict[str, type[forms.Form]] = {"add": DaysForm, "drop": DaysForm, "calendar": CalendarForm}


@staff_required
def working_days(request: StaffRequest, slug: str) -> HttpResponse:
    """Read for all who see the community, changed by those who may."""
    community = community_or_404(request, slug)
    if request.method != "POST":
        return _page(request, community, {}, 200)
    step = request.POST.get("step", "")
    if step not in FORMS:
        return _page(request, community, {"refusal": _("We do not know this decision.")}, 422)
    form = FORMS[step](request.POST)
    shown = {"calendar_form" if step == "calendar" else "days_form": form}
    if not form.is_valid():
        return _page(request, community, shown, 422)
    try:
        STEPS[step](request, community.pk, form.cleaned_data)
    except ChaguanError as error:
        return _page(request, community, {**shown, "refusal": error.message}, error.http_status)
    toast(request, _("Saved. Plans under way follow within a minute."))
    return redirect("console:community-days", community.slug)


def _add(request: StaffRequest, community_id: int, said: dict[str, Any]) -> None:
    span = (said["kind"], said["first"], said["last"])
    add_days(request.actor, community_id, *span, now=clock.now())


def _drop(request: StaffRequest, community_id: int, said: dict[str, Any]) -> None:
    span = (said["kind"], said["first"], said["last"])
    drop_days(request.actor, community_id, *span, now=clock.now())


def _calendar(request: StaffRequest, community_id: int, said: dict[str, Any]) -> None:
    chosen = (said["calendar"], said["budget"])
    set_calendar_and_budget(request.actor, community_id, *chosen, now=clock.now())


STEPS: dict[str, Callable[[StaffRequest, int, dict[str, Any]], None]] = {
    "add": _add,
    "drop": _drop,
    "calendar": _calendar,
}


def _page(
    request: StaffRequest, community: Community, context: dict[str, Any], status: int
) -> HttpResponse:
    settings, today = community.settings, _today(community)
    initial = {
        "calendar": settings.get("calendar", "china"),
        "budget": str(settings.get("budget", "")),
    }
    frame = frame_of(request, community, "settings") | {
        "spans": coming_spans(settings, today),
        "unpublished": unpublished_from(settings, today),
        "days_form": DaysForm(initial={"kind": "off"}),
        "calendar_form": CalendarForm(initial=initial),
        "budget": initial["budget"],
    }
    page = "console/communities/working_days.html"
    return render(request, page, {**frame, **context}, status=status)


def _today(community: Community) -> date:
    return clock.now().astimezone(ZoneInfo(community.timezone)).date()
