"""Search over what the person may see."""

from django.http import HttpResponse
from django.shortcuts import render

from chaguan.communities.selectors import communities_visible_to
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.people.selectors.members import members_visible_to

SHOWN = 20


@staff_required
def search(request: StaffRequest) -> HttpResponse:
    """Communities and people whose name contains the words."""
    query = request.GET.get("q", "").strip()[:80]
    communities = communities_visible_to(request.actor).filter(name__icontains=query)
    members = members_visible_to(request.actor).filter(name__istartswith=query)
    context = {
        "query": query,
        "communities": communities.order_by("name")[:SHOWN] if query else [],
        "members": members.order_by("name", "id")[:SHOWN] if query else [],
    }
    return render(request, "console/search/page.html", context)
