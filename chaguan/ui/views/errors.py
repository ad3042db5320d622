"""Pages for what went wrong: one sentence, what is safe, what to do, a reference."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from chaguan.kernel.ids import new_public_id


def problem(request: HttpRequest, status: int, sentence: str, advice: str) -> HttpResponse:
    """One page for every refusal and failure; `reference` also goes to the log."""
    context = {"sentence": sentence, "advice": advice, "reference": new_public_id()[-8:]}
    return render(request, "ui/problem.html", context, status=status)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's one-time mark did not match: an old tab, or another site's form."""
    return problem(
        request,
        403,
        _("This form has been open too long, so nothing was saved."),
        _("Go back, reload the page and send it again."),
    )


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many wrong passwords for one name from one address."""
    return problem(
        request,
        429,
        _("Too many wrong passwords."),
        _("Wait fifteen minutes, or ask an administrator for a new one-time link."),
    )
