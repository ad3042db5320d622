"""我的小结 One's own day over all communities: drafted in the evening, handed in with a word."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.daily import day_page
from chaguan.console.lines.daily_kept import kept_of_person
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.reports import hand_in
from chaguan.playbooks.selectors.reports_kept import own_day
from chaguan.ui.shortcuts import toast

FIRST, ONE = date(2000, 1, 1), timedelta(days=1)


@staff_required
def own_day_now(request: StaffRequest) -> HttpResponse:
    """To one's own report of today."""
    return redirect("console:own-day", _today().isoformat())


@staff_required
def own_day_page(request: StaffRequest, day: str) -> HttpResponse:
    """What I did, left out and did not do on a day, over all communities."""
    return _page(request, _day(day))


@staff_required
@require_POST
def own_day_step(request: StaffRequest, day: str) -> HttpResponse:
    """Hand it in. A refusal stands at the top; what was typed stays."""
    asked = _day(day)
    report = kept_of_person(request.actor, asked).report
    try:
        if report is None:
            raise ChaguanError(
                _("The report of a day is drafted at 21:30 and can be handed in then.")
            )
        hand_in(request.actor, report.pk, now=clock.now(), note=request.POST.get("note", ""))
    except ChaguanError as refusal:
        return _page(request, asked, refusal)
    toast(request, _("Handed in. Thank you."))
    return redirect("console:own-day", asked.isoformat())


def _page(request: StaffRequest, asked: date, refusal: ChaguanError | None = None) -> HttpResponse:
    zone = get_current_timezone_name()
    kept = kept_of_person(request.actor, asked)
    report = own_day(
        request.actor, asked, kept.report.zone if kept.report else zone, now=clock.now()
    )
    context: dict[str, Any] = {
        "place": "today",
        "day": asked,
        "today": _today(),
        "before": asked - ONE if asked > FIRST else None,
        "after": asked + ONE if asked < _today() else None,
        "report": report,
        "page": day_page(report),
        "kept": kept,
        "refusal": str(refusal) if refusal else "",
        "typed": request.POST if refusal else {},
    }
    status = refusal.http_status if refusal else 200
    return render(request, "console/today/own_day.html", context, status=status)


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(get_current_timezone_name())).date()


def _day(text: str) -> date:
    """The day an address names; days that have not begun have no report."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not FIRST <= asked <= _today():
        raise Http404
    return asked
