"""One community from inside: what it is, its rules, fewer messages, leaving and coming back."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chaguan.communities.actions import leave_community
from chaguan.communities.selectors.places import place_called
from chaguan.kernel import clock
from chaguan.portal.auth import MemberRequest, member_required
from chaguan.portal.frame import my_place, my_places, show


@member_required
@require_safe
def community(request: MemberRequest, public_id: str) -> HttpResponse:
    """Purpose, host, rules, rooms; how to have quiet; how to leave. The waiting page for applicants."""
    for place in my_places(request):
        if place.public_id == public_id:
            context = {"here": "rooms", "place": place}
            template = "waiting" if place.state == "applied" else "page"
            return show(request, f"portal/community/{template}.html", context, places=[place])
    raise Http404


@member_required
@require_POST
def leave(request: MemberRequest, public_id: str) -> HttpResponse:
    """Leave at once. The next page offers the way back."""
    place = my_place(request, public_id)
    leave_community(request.actor, place.id, request.visitor.member_id, now=clock.now())
    return HttpResponseRedirect(reverse("portal:left", args=[public_id]))


@member_required
@require_safe
def left(request: MemberRequest, public_id: str) -> HttpResponse:
    """After leaving: nothing is lost, and the way back."""
    place = place_called(public_id, request.visitor.member_id)
    if place is None or place.state not in ("left", "in", "applied"):
        raise Http404
    if place.state != "left":
        messages.info(request, _("You are in this community."))
        return HttpResponseRedirect(reverse("portal:community", args=[public_id]))
    context = {"here": "rooms", "place": place}
    return show(request, "portal/community/left.html", context, places=my_places(request))
