"""Coming in and going out: log-in, one-time link, password, log-out."""

from typing import Any

from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.auth import LoginForm, PasswordForm, StartForm
from chaguan.console.start import LinkSpent, link_for, redeem_start_link
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError
from chaguan.ui.preferences import keep_in_browser
from chaguan.ui.selectors import choices_of
from chaguan.ui.shortcuts import toast

BACKEND = "django.contrib.auth.backends.ModelBackend"


class LogIn(LoginView):
    """Name and password. Wrong ones are counted by axes, which then shows `errors.locked_out`."""

    form_class = LoginForm
    template_name = "console/auth/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        keep_in_browser(response, choices_of(Actor.staff(form.get_user().pk)))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


log_in = never_cache(LogIn.as_view())


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session and show the log-in."""
    logout(request)
    return redirect("console:login")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Open a one-time link: choose a password (and a name, for the first account) and come in."""
    now = clock.now()
    try:
        link = link_for(token, now=now)
    except LinkSpent as spent:
        context = {"sentence": spent.message, "is_first": False}
        return render(request, "console/auth/link_spent.html", context, status=spent.http_status)
    form = StartForm(request.POST or None, asks_name=link.user_id is None)
    context = {"form": form, "login_name": link.user.username if link.user else ""}
    if request.method == "POST" and form.is_valid():
        try:
            user = redeem_start_link(
                Actor.anonymous(),
                token,
                name=form.cleaned_data.get("name", ""),
                password=form.cleaned_data["password"],
                now=now,
            )
        except ChaguanError as refusal:
            context["refusal"] = refusal.message
            return render(request, "console/auth/start.html", context, status=refusal.http_status)
        login(request, user, backend=BACKEND)
        return HttpResponseRedirect("/")
    status = 422 if form.is_bound else 200
    return render(request, "console/auth/start.html", context, status=status)


@never_cache
@sensitive_post_parameters()
@staff_required
def password(request: StaffRequest) -> HttpResponse:
    """Change one's own password; this session stays, all others end."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, request.user)
        toast(request, _("Your password is changed. Other devices have to log in again."))
        return redirect("console:today")
    status = 422 if form.is_bound else 200
    return render(request, "console/auth/password.html", {"form": form}, status=status)
