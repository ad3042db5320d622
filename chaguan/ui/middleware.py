"""Says who acts, once per request, before any view runs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from chaguan.kernel.actor import Actor

MEMBER_PAGES = "/m/"
MEMBER_KEY = "member_id"  # put into the session by a member's personal link


class ActorRequest(HttpRequest):
    """A request as views get it: it knows who acts and whether htmx asks."""

    actor: Actor
    htmx: HtmxDetails


class ActorMiddleware:
    """Sets `request.actor`: a login on the console, a member on the member pages, else nobody.

    One browser may hold both (a staff member who opened a member link); the page decides which counts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of(request)  # type: ignore[attr-defined] # see ActorRequest
        return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """Read the session. Inactive logins count as nobody (Django's backend does not return them)."""
    member_id = request.session.get(MEMBER_KEY)
    if member_id is not None and request.path.startswith(MEMBER_PAGES):
        return Actor.member(int(member_id))
    if request.user.is_authenticated and request.user.pk is not None:
        return Actor.staff(request.user.pk)
    if member_id is not None:
        return Actor.member(int(member_id))
    return Actor.anonymous()
