"""设置 Settings: colleagues, and what each role may do."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.communities.actions.staff import (
    edit_role_rights,
    end_post,
    give_post,
)
from chaguan.communities.selectors import has_right
from chaguan.communities.selectors.staff import posts_by_login, role_sheets
from chaguan.communities.types import Right
from chaguan.communities.words import RIGHT_LABELS
from chaguan.console.actions.staff import invite_staff, renew_link, switch_login
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.settings import InviteForm, PostForm, minutes_said
from chaguan.console.selectors import logins_visible_to
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.capacity import set_capacity
from chaguan.playbooks.selectors.notation import Person
from chaguan.playbooks.selectors.own_time import week_times
from chaguan.ui.shortcuts import toast


@staff_required
def staff(request: StaffRequest) -> HttpResponse:
    """Who works here; invite somebody. The one-time link is shown once, on the answer to the form."""
    if not has_right(request.actor, Right.MANAGE_STAFF):
        return _refused(request, "staff")
    form = InviteForm(request.POST or None, actor=request.actor)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                secret = invite_staff(request.actor, form.invitation(), now=clock.now())
            except ChaguanError as refusal:
                status, context["refusal"] = refusal.http_status, refusal.message
            else:
                context |= {"link": _link(request, secret), "invited": form.cleaned_data["login"]}
                context["form"] = InviteForm(actor=request.actor)
                status = 200
    return _staff_page(request, context, status)


def _staff_page(request: StaffRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    posts = posts_by_login()
    logins = list(logins_visible_to(request.actor))
    me = {login.pk: Person(user_id=login.pk) for login in logins}
    times = week_times(list(me.values()), get_current_timezone(), now=clock.now())
    people = [(login, posts.get(login.pk, []), times[me[login.pk]]) for login in logins]
    context = {
        "place": "settings",
        "tab": "staff",
        "people": people,
        "post_form": PostForm(actor=request.actor, auto_id=False),
        "form": InviteForm(actor=request.actor),
        **context,
    }
    return render(request, "console/settings/staff.html", context, status=status)


def _link(request: StaffRequest, secret: str) -> str:
    """The address under which this person reached us: her colleagues most likely do too."""
    return request.build_absolute_uri(reverse("console:start", args=[secret]))


def _refused(request: StaffRequest, tab: str) -> HttpResponse:
    """What is missing, and who can give it."""
    context = {"place": "settings", "tab": tab}
    return render(request, "console/settings/refused.html", context, status=403)


@staff_required
@require_POST
def staff_step(request: StaffRequest, login_id: int) -> HttpResponse:
    """One change about one colleague: a role more or less, a new link, the door closed or opened."""
    login = get_object_or_404(logins_visible_to(request.actor), pk=login_id)
    step, now = request.POST.get("step", ""), clock.now()
    try:
        if step == "link":
            secret = renew_link(request.actor, login.pk, now=now)
            link = _link(request, secret)
            return _staff_page(request, {"link": link, "invited": login.username})
        if step == "post":
            form = PostForm(request.POST, actor=request.actor)
            if form.is_valid():
                role = form.cleaned_data["role"]
                give_post(request.actor, login.pk, role, community_id=form.community_id)
        elif step == "hours":
            minutes = minutes_said(request.POST.get("hours", ""))
            set_capacity(request.actor, Person(user_id=login.pk), minutes, now=now)
        elif step in ("close", "open"):
            switch_login(request.actor, login.pk, is_open=step == "open", now=now)
        elif step.startswith("end-") and step[4:].isdigit():
            end_post(request.actor, int(step[4:]))
    except ChaguanError as refusal:
        return _staff_page(request, {"refusal": refusal.message}, refusal.http_status)
    toast(request, _("Saved."))
    return redirect("console:staff")


@staff_required
def roles(request: StaffRequest) -> HttpResponse:
    """Every role's rights on one page; those who manage staff may change them."""
    may_edit = has_right(request.actor, Right.MANAGE_STAFF)
    sheets = role_sheets()
    if request.method == "POST":
        if not may_edit:
            return _refused(request, "roles")
        given = set(request.POST.getlist("right"))
        for sheet in sheets:
            wanted = {right.value for right in Right if f"{sheet.code}:{right.value}" in given}
            if wanted != sheet.rights:
                edit_role_rights(request.actor, sheet.code, wanted)
        toast(request, _("The rights are saved. They hold from the next click on."))
        return redirect("console:roles")
    rows = [
        (
            words,
            [
                (
                    f"{s.code}:{right}",
                    s.name,
                    right in s.rights,
                    (right in s.rights) != (right in s.shipped),
                )
                for s in sheets
            ],
        )
        for right, words in RIGHT_LABELS.items()
    ]
    context = {"place": "settings", "tab": "roles", "sheets": sheets, "rows": rows}
    return render(request, "console/settings/roles.html", {**context, "may_edit": may_edit})
