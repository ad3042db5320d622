"""The living component page: every piece of the interface, with made-up contents."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.kernel import clock
from chaguan.ui.charts import Chart, Series
from chaguan.ui.icons import ICONS
from chaguan.ui.shortcuts import toast
from chaguan.ui.states import HEALTH, STATES


@staff_required
def components(request: StaffRequest) -> HttpResponse:
    """A component not shown here does not exist."""
    now = clock.now()
    if "toast" in request.GET:
        toast(request, _("This is how a good message looks."), undo_url=request.path)
    context = {
        "place": "settings",
        "states": list(STATES),
        "health": [code for code in HEALTH if code != "lively"],
        "reasons": [_("Seven days: 41 people spoke, now 18."), _("Nobody answers 38% of posts.")],
        "icons": sorted(ICONS),
        "earlier": now - timedelta(minutes=42),
        "later": now + timedelta(hours=5),
        "chart": Chart(
            code="sample",
            title=_("Messages a day"),
            labels=["11-15", "11-16", "11-17", "11-18", "11-19", "11-20", "11-21"],
            series=[Series(_("Messages"), [42, 51, 38, 60, 72, 66, 90])],
            unit=_("messages"),
        ),
    }
    return render(request, "console/components/page.html", context)
