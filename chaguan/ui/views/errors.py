"""Pages for what went wrong: one sentence, what is safe, what to do, a reference."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from chaguan.kernel.ids import new_public_id
from chaguan.ui.shortcuts import leave_to, wants_partial


def reference_of(request: HttpRequest) -> str:
    """The number that config's RequestMiddleware gave this request; a fresh one without it."""
    return getattr(request, "reference", "") or new_public_id()[-8:]


def problem(request: HttpRequest, status: int, sentence: str, advice: str) -> HttpResponse:
    """One page for every refusal and failure, with the reference that the log lines carry."""
    reference = reference_of(request)
    context = {"sentence": sentence, "advice": advice, "reference": reference}
    template = "ui/_problem.html" if wants_partial(request) else "ui/problem.html"
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request could not be read at all."""
    return problem(
        request,
        400,
        _("We could not read this request, so nothing was changed."),
        _("Go back, reload the page and try again."),
    )


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Understood and not allowed."""
    return problem(
        request,
        403,
        _("You are not allowed to do this."),
        _("Whoever looks after the roles can give you the right for it."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not there, or not for this person; the two look the same on purpose."""
    return problem(
        request,
        404,
        _("There is nothing here for you."),
        _("The address may be old, or the page may belong to somebody else."),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """A bug. The page needs no session and no database: nothing on it can fail again."""
    context = {"reference": reference_of(request)}
    return render(request, "ui/broken.html", context, status=500)


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


def log_in_again(request: HttpRequest, login_url: str) -> HttpResponse:
    """The session is over: the whole page goes to the log-in, never a log-in form into a card."""
    return leave_to(request, login_url)
