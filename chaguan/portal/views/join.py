"""The join page: what a community is before one comes in, and coming in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chaguan.communities.selectors.places import Place, place_called
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.people.selectors.profile import questions
from chaguan.portal.actions.joining import Newcomer, come_in, new_join_mark, welcome_newcomer
from chaguan.portal.actions.links import own_link
from chaguan.portal.auth import MemberRequest, log_in, member_required, sealed, visitor_of
from chaguan.portal.forms import JoinForm
from chaguan.portal.frame import my_place, show
from chaguan.portal.selectors import Visitor
from chaguan.portal.throttle import JOIN, address_of, count_try
from chaguan.portal.tokens import LINK_LASTS


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the community to anybody; take in those who wish to come, once however often they tap."""
    visitor = visitor_of(request)
    place = place_called(public_id, visitor.member_id if visitor else None)
    if place is None:
        raise Http404
    if request.method != "POST":
        return _page(request, place, visitor, _empty_form())
    if visitor is not None:
        return _member_joins(request, place, visitor)
    return _stranger_joins(request, place)


@member_required
@require_safe
def welcome(request: MemberRequest, public_id: str) -> HttpResponse:
    """Right after joining: the personal link to keep, and the way to the first room."""
    place = my_place(request, public_id)
    context = {
        "here": "rooms",
        "place": place,
        "room": next((room for room in place.rooms if room.connector == "portal"), None),
        "link": own_link(request.visitor, clock.now()),
        "lasts_days": LINK_LASTS.days,
    }
    return sealed(show(request, "portal/join/welcome.html", context, places=[place]))


def _stranger_joins(request: HttpRequest, place: Place) -> HttpResponse:
    form, now = JoinForm(request.POST, questions=questions()), clock.now()
    if not form.is_valid():
        return _page(request, place, None, form, status=422)
    newcomer = Newcomer(form.cleaned_data["name"], form.cleaned_data["mark"], form.answers())
    try:
        count_try(JOIN, address_of(request), now)
        visitor, state = welcome_newcomer(newcomer, place.id, now)
    except ChaguanError as refusal:
        return _page(request, place, None, form, refusal=refusal)
    log_in(request, visitor)
    return _welcome(request, place, state)


def _member_joins(request: HttpRequest, place: Place, visitor: Visitor) -> HttpResponse:
    try:
        state = come_in(visitor, place.id, clock.now())
    except ChaguanError as refusal:
        return _page(request, place, visitor, JoinForm(), refusal=refusal)
    return _welcome(request, place, state)


def _empty_form() -> JoinForm:
    return JoinForm(initial={"mark": new_join_mark(clock.now())}, questions=questions())


def _welcome(request: HttpRequest, place: Place, state: str) -> HttpResponse:
    if state == "in":
        messages.success(request, _("Welcome to %(community)s.") % {"community": place.name})
        return HttpResponseRedirect(reverse("portal:welcome", args=[place.public_id]))
    return HttpResponseRedirect(reverse("portal:community", args=[place.public_id]))


def _page(
    request: HttpRequest,
    place: Place,
    visitor: Visitor | None,
    form: JoinForm,
    *,
    refusal: ChaguanError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"place": place, "guest": visitor, "form": form, "refusal": refusal}
    code = refusal.http_status if refusal else status
    return render(request, "portal/join/page.html", context, status=code)
