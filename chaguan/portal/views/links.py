"""The door: opening a personal link, asking for a fresh one, going away."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chaguan.communities.types import Right
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.people.selectors import members_visible_to
from chaguan.portal.actions.links import (
    admit_visitor,
    issue_link,
    own_link,
    revoke_links,
    visitor_with,
)
from chaguan.portal.auth import MemberRequest, log_in, log_out, member_required, sealed, visitor_of
from chaguan.portal.errors import LinkNotValid, TooManyTries
from chaguan.portal.frame import my_places, refusal_page, show
from chaguan.portal.throttle import OPEN_LINK, address_of, count_try
from chaguan.portal.tokens import LINK_LASTS


@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Log the member in and leave this address at once, so that the token goes nowhere.

    Who is in as somebody else is asked first: one may be sent another's link.
    """
    now = clock.now()
    try:
        count_try(OPEN_LINK, address_of(request), now)
        visitor = visitor_with(token, now)
    except TooManyTries as refusal:
        return sealed(refusal_page(request, refusal))
    except LinkNotValid as refusal:
        context = {"sentence": str(refusal)}
        return sealed(render(request, "portal/links/ended.html", context, status=401))
    present = visitor_of(request)
    if present and present.member_id != visitor.member_id and request.method != "POST":
        context = {"mine": present.name, "theirs": visitor.name}
        return sealed(render(request, "portal/links/switch.html", context))
    if request.method != "HEAD":  # a preview robot only looks
        log_in(request, visitor)
    return sealed(HttpResponseRedirect(reverse("portal:home")))


@member_required
@require_http_methods(["GET", "POST"])
def my_link(request: MemberRequest) -> HttpResponse:
    """Show the member her own link to keep, or cut a new one that ends all others."""
    now, member_id = clock.now(), request.visitor.member_id
    if request.method == "POST":
        revoke_links(request.actor, member_id, now)
        log_in(request, admit_visitor(request.actor, member_id, now))
        messages.success(request, _("The old links no longer work. This is your new one."))
        return HttpResponseRedirect(reverse("portal:my-link"))
    link = own_link(request.visitor, now)
    context = {"link": link, "lasts_days": LINK_LASTS.days, "here": "me"}
    return sealed(show(request, "portal/links/mine.html", context, places=my_places(request)))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Log out."""
    log_out(request)
    return render(request, "portal/links/gone.html")


@require_POST
def hand_out(request: HttpRequest, public_id: str) -> HttpResponse:
    """For staff: a member's personal link to pass on. The console's page of the member posts here."""
    user = request.user
    actor = Actor.staff(user.pk) if user.is_authenticated and user.pk else Actor.anonymous()
    member = members_visible_to(actor, Right.EDIT_MEMBERS).filter(public_id=public_id).first()
    if member is None:
        raise Http404
    link = issue_link(actor, member.pk, clock.now())
    context = {"link": link, "name": member.name, "lasts_days": LINK_LASTS.days}
    return sealed(render(request, "portal/links/handed.html", context))
