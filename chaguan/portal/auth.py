"""Who is at the door: members come by a personal link, and stay by a session bound to their key."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from chaguan.kernel.actor import Actor
from chaguan.portal.selectors import Visitor, visitor_by

MEMBER, NONCE = "member_id", "member_nonce"
P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request whose member is known. Made by `member_required`."""

    visitor: Visitor
    actor: Actor


def log_in(request: HttpRequest, visitor: Visitor) -> None:
    """Remember the member in a session with a new key. Another member's session is thrown away."""
    if request.session.get(MEMBER) not in (None, visitor.member_id):
        request.session.flush()
    else:
        request.session.cycle_key()
    request.session[MEMBER] = visitor.member_id
    request.session[NONCE] = visitor.nonce


def log_out(request: HttpRequest) -> None:
    """Forget the session, whoever it was."""
    request.session.flush()


def visitor_of(request: HttpRequest) -> Visitor | None:
    """The member of this session, if her key is still the one she came with. Queries: 1."""
    member_id, nonce = request.session.get(MEMBER), request.session.get(NONCE)
    return visitor_by(member_id, nonce) if member_id and nonce else None


def member_required(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let members in; ask everybody else, kindly, for their personal link."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        visitor = visitor_of(request)
        if visitor is None:
            return ask_for_link(request)
        known = _as_known(request, visitor)
        try:
            response = view(known, *args, **kwargs)
        except Http404:
            response = not_here(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return inner


def not_here(request: HttpRequest) -> HttpResponse:
    """Not there, or not hers; the two look the same on purpose."""
    context = {
        "sentence": _("There is nothing here for you."),
        "advice": _("Perhaps you have left this community, or the page has moved."),
    }
    return render(request, "portal/problem.html", context, status=404)


def ask_for_link(request: HttpRequest) -> HttpResponse:
    """The page for somebody we do not know: open your personal link, or ask your host for one."""
    return render(request, "portal/links/needed.html", status=401)


def sealed(response: HttpResponse) -> HttpResponse:
    """Keep an address that is a secret out of caches, referrers and search."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _as_known(request: HttpRequest, visitor: Visitor) -> MemberRequest:
    """The same request with its member on it."""
    request.visitor = visitor  # type: ignore[attr-defined] # MemberRequest is this request, typed
    request.actor = visitor.actor  # type: ignore[attr-defined] # the session's member, checked here
    return request  # type: ignore[return-value] # see above
