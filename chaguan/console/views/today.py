"""今日 Today: the first page, one person's sheet over all communities."""

from django.http import HttpResponse
from django.shortcuts import render

from chaguan.console.auth import StaffRequest, staff_required


@staff_required
def today(request: StaffRequest) -> HttpResponse:
    """What waits for this person, what comes next, what to watch, what is done."""
    return render(request, "console/today/page.html", {"place": "today"})
