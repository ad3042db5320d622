"""The switches for theme, density and language."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from chaguan.ui.actions import keep_choices
from chaguan.ui.middleware import ActorRequest
from chaguan.ui.preferences import CHOICES, keep_in_browser
from chaguan.ui.shortcuts import leave_to


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice and come back to the page it was made on."""
    choices = {name: request.POST[name] for name in CHOICES if name in request.POST}
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    keep_choices(cast(ActorRequest, request).actor, choices)
    response = leave_to(request, back)
    keep_in_browser(response, choices)
    return response
