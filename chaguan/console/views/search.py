"""Search over what the person may see, and the menu again after a decision."""

from django.http import HttpResponse
from django.shortcuts import render

from chaguan.communities.selectors import communities_visible_to
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.menu import menu_for
from chaguan.people.selectors.members import members_visible_to

SHOWN = 20


@staff_required
def menu(request: StaffRequest) -> HttpResponse:
    """The places with their counts as they are now."""
    place = request.GET.get("place", "")
    context = {"menu": menu_for(request.actor), "place": place}
    return render(request, "console/_menu.html", context)


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
