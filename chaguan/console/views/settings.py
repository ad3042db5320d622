"""设置 Settings: own preferences, channels, what colleagues did."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.channels.actions.accounts import add_account, switch_account
from chaguan.channels.contract import connectors
from chaguan.channels.selectors.sending import accounts
from chaguan.communities.selectors import communities_visible_to, has_right
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.settings import AccountForm, minutes_said
from chaguan.console.lines.actors import actor_names
from chaguan.console.lines.causes import title_of
from chaguan.eventlog.selectors import facts_by_staff
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.capacity import set_capacity
from chaguan.playbooks.selectors.notation import Person
from chaguan.playbooks.selectors.own_time import week_times
from chaguan.ui.paging import keyset_page_of
from chaguan.ui.shortcuts import toast


@staff_required
def settings_home(request: StaffRequest) -> HttpResponse:
    """One's own preferences: looks, language, password, and the hours one can give."""
    me, now, status = Person(user_id=request.actor.user_id), clock.now(), 200
    context: dict[str, object] = {"place": "settings", "tab": "own"}
    if request.method == "POST":
        typed = request.POST.get("hours", "")
        try:
            set_capacity(request.actor, me, minutes_said(typed), now=now)
        except ChaguanError as refusal:
            status = refusal.http_status
            context |= {"refusal": refusal.message, "typed": typed}
        else:
            toast(request, _("Saved. Who plans sees it."))
            return redirect("console:settings")
    context["time"] = week_times([me], get_current_timezone(), now=now)[me]
    return render(request, "console/settings/own.html", context, status=status)


@staff_required
def channels(request: StaffRequest) -> HttpResponse:
    """Accounts at channels; add one."""
    may_edit = has_right(request.actor, Right.MANAGE_SETTINGS)
    form = AccountForm(request.POST or None)
    context: dict[str, object] = {"form": form, "may_edit": may_edit}
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            add_account(request.actor, given["connector"], given["label"], now=clock.now())
        except ChaguanError as refusal:
            status, context["refusal"] = refusal.http_status, refusal.message
        else:
            toast(request, _("The account is ready. Rooms can use it now."))
            return redirect("console:channels")
    known = dict(connectors)
    context |= {
        "place": "settings",
        "tab": "channels",
        "accounts": [(account, known.get(account.connector)) for account in accounts()],
    }
    return render(request, "console/settings/channels.html", context, status=status)


@staff_required
@require_POST
def channel_switch(request: StaffRequest, account_id: int) -> HttpResponse:
    """Stop or resume sending through one account."""
    is_active = request.POST.get("switch") == "on"
    try:
        switch_account(request.actor, account_id, is_active=is_active, now=clock.now())
    except ChaguanError as refusal:
        context = {"place": "settings", "tab": "channels", "sentence": refusal.message}
        status = refusal.http_status
        return render(request, "console/settings/refused.html", context, status=status)
    toast(
        request,
        _("It sends again; what was due goes out now.")
        if is_active
        else _("It is quiet now. What is due waits; nothing is lost."),
    )
    return redirect("console:channels")


@staff_required
def staff_log(request: StaffRequest) -> HttpResponse:
    """What colleagues did, newest first, from the facts themselves."""
    if not has_right(request.actor, Right.MANAGE_STAFF):
        context = {"place": "settings", "tab": "log"}
        return render(request, "console/settings/refused.html", context, status=403)
    page = keyset_page_of(request, facts_by_staff(), ("-id",))
    names = actor_names({row.actor for row in page.rows})
    ids = {row.community_id for row in page.rows if row.community_id is not None}
    homes = dict(communities_visible_to(request.actor).filter(pk__in=ids).values_list("pk", "name"))
    entries = [
        (row, names[row.actor], title_of(row.name), homes.get(row.community_id or 0, ""))
        for row in page.rows
    ]
    context = {"place": "settings", "tab": "log"}
    return render(
        request, "console/settings/log.html", {**context, "entries": entries, "paged": page}
    )
