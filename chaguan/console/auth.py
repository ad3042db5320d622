"""Who may come into the console: people with a login."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from chaguan.communities.selectors.rights import remembering_rights
from chaguan.ui.middleware import ActorRequest
from chaguan.ui.shortcuts import leave_to, wants_partial

P = ParamSpec("P")


class StaffRequest(ActorRequest):
    """A request from a person with a login."""

    user: User


def staff_required(
    view: Callable[Concatenate[StaffRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Send everybody else to the log-in and back; htmx goes there with the whole page.

    Rights are read once for the request.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if cast(ActorRequest, request).actor.kind != "staff":
            return leave_to(request, login_url(request))
        with remembering_rights():
            return view(cast(StaffRequest, request), *args, **kwargs)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], guarded)


def login_url(request: HttpRequest) -> str:
    """The log-in that comes back here: to the page itself, never to a piece of it."""
    here = request.get_full_path()
    if wants_partial(request):
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        here = page.path + (f"?{page.query}" if page.query else "")
    elif request.method != "GET":
        here = ""
    return f"{settings.LOGIN_URL}?{urlencode({'next': here})}" if here else settings.LOGIN_URL
