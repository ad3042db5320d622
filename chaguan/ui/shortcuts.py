"""What nearly every view ends with: a page or its partial, a way out, a toast."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise


def wants_partial(request: HttpRequest) -> bool:
    """htmx asks for a piece of the page (not for a whole page by boost or a step back)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_swap(
    request: HttpRequest,
    page: str,
    partial: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render `partial` (and waiting toasts) for htmx, else the `page` that includes it."""
    if wants_partial(request):
        content = {**context, "partial": partial}
        response = render(request, "ui/_swap.html", content, status=status)
    else:
        response = render(request, page, dict(context), status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def leave_to(request: HttpRequest, url: str) -> HttpResponse:
    """Go to another page: a redirect, or HX-Redirect where htmx asked."""
    if not wants_partial(request):
        return HttpResponseRedirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def toast(request: HttpRequest, sentence: str | Promise, *, undo_url: str = "") -> None:
    """Show a sentence at the foot of the next page or swap; with `undo_url` (POST) a way back."""
    messages.success(request, str(sentence), extra_tags=f"undo:{undo_url}" if undo_url else "")


def toast_error(request: HttpRequest, sentence: str | Promise) -> None:
    """Show a refusal where there is no better place for it."""
    messages.error(request, str(sentence))
