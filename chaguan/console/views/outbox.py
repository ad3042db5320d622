"""待发 Outbox: every message on its way, its reason, and what a person can decide about it."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from chaguan.channels.actions.sending import DECISIONS, decide_unknown
from chaguan.channels.selectors.sending import accounts, outbox_visible_to
from chaguan.communities.actions.overriding import override_guard
from chaguan.communities.selectors import communities_visible_to
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.causes import causes_of
from chaguan.console.lines.outbox import outbox_lines
from chaguan.console.lines.outbox_words import REASONS
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.outbox.contract import OutboxRow
from chaguan.ui.paging import KeysetPage, keyset_page_of
from chaguan.ui.shortcuts import render_swap, toast

State = OutboxRow.State
ATTENTION = (State.UNKNOWN, State.FAILED, State.AWAITING_PERSON)
AT_MOST = 100
VIEWS: dict[str, tuple[Any, tuple[str, ...]]] = {  # filter -> its name, the states it shows
    "": (gettext_lazy("Needs somebody"), ATTENTION),
    "unknown": (gettext_lazy("To be confirmed"), (State.UNKNOWN,)),
    "waiting": (gettext_lazy("To approve or send"), (State.AWAITING_PERSON,)),
    "planned": (gettext_lazy("Planned"), (State.PLANNED, State.CLAIMED)),
    "held": (gettext_lazy("Held"), (State.SUPPRESSED,)),
    "failed": (gettext_lazy("Failed"), (State.FAILED,)),
    "sent": (gettext_lazy("Sent"), (State.SENT,)),
    "ended": (gettext_lazy("Will not happen"), (State.CANCELLED, State.EXPIRED)),
}
DONE_WORDS = {
    "approve": gettext_lazy("Agreed. It goes out now."),
    "release": gettext_lazy("Released. It goes out now."),
    "override": gettext_lazy("Your exception is in the log. It goes out now."),
    "cancel": gettext_lazy("Cancelled. It will not be sent."),
    "send_anyway": gettext_lazy("It goes out now, late."),
    "retry": gettext_lazy("In line again. It goes out in a moment."),
    "sent": gettext_lazy("Ticked off as sent by you."),
    "arrived": gettext_lazy("Noted: it arrived."),
    "not_arrived": gettext_lazy("Noted: it did not arrive. It goes out again."),
}


@staff_required
def outbox(request: StaffRequest) -> HttpResponse:
    """The queue, unknown first; filters by state, community, account and reason."""
    chosen = request.GET.get("state", "")
    if chosen not in VIEWS:
        raise Http404
    visible = outbox_visible_to(request.actor)
    rows = visible.filter(state__in=VIEWS[chosen][1], **_filters(request))
    if chosen == "":
        page = KeysetPage(_attention(rows))
    else:
        order = ("due_at", "id") if chosen == "planned" else ("-due_at", "-id")
        page = keyset_page_of(request, rows, order)
    context = {
        "place": "outbox",
        "chosen": chosen,
        "views": [
            (code, name, visible.filter(state__in=states)[:AT_MOST].count())
            if code in ("unknown", "waiting", "held", "failed")
            else (code, name, 0)
            for code, (name, states) in VIEWS.items()
        ],
        "lines": outbox_lines(page.rows, request.actor, clock.now()),
        "paged": page,
        "communities": communities_visible_to(request.actor).order_by("name")[:200],
        "accounts": accounts(),
        "reasons": [(code, str(words)) for code, words in REASONS.items()],
    }
    return render_swap(request, "console/outbox/page.html", "console/outbox/_queue.html", context)


def _attention(rows: QuerySet[OutboxRow]) -> list[OutboxRow]:
    """What needs somebody: unknown, failed, then waiting; each state by its own index. Queries: 3."""
    found: list[OutboxRow] = []
    for state in ATTENTION:
        found += rows.filter(state=state).order_by("-due_at", "-id")[: AT_MOST - len(found)]
    return found


def _filters(request: StaffRequest) -> dict[str, Any]:
    """The drop-downs, as conditions. What is not a number or empty is no condition."""
    found: dict[str, Any] = {}
    for name, column in (("community", "community_id"), ("account", "account_id")):
        value = request.GET.get(name, "")
        if value.isascii() and value.isdigit() and len(value) < 18:
            found[column] = int(value)
    if request.GET.get("reason", "") in REASONS:
        found["reason"] = request.GET["reason"]
    return found


@staff_required
def outbox_row(request: StaffRequest, row_id: int) -> HttpResponse:
    """One message: its text, why it exists, what happened to it, what can be decided."""
    row = get_object_or_404(outbox_visible_to(request.actor), pk=row_id)
    return render(request, "console/outbox/row.html", _detail(request, row))


def _detail(request: StaffRequest, row: OutboxRow) -> dict[str, Any]:
    line = outbox_lines([row], request.actor, clock.now())[0]
    causes = causes_of(row.caused_by)
    return {"place": "outbox", "line": line, "causes": causes, "now": clock.now()}


@staff_required
@require_POST
def decide(request: StaffRequest, row_id: int) -> HttpResponse:
    """Take one decision about one message; a refusal is shown where the button was."""
    row = get_object_or_404(outbox_visible_to(request.actor), pk=row_id)
    decision, now = request.POST.get("decision", ""), clock.now()
    status, refusal = 200, ""
    try:
        if decision in ("arrived", "not_arrived"):
            decide_unknown(request.actor, row.pk, arrived=decision == "arrived", now=now)
        elif decision == "override":
            _override(request, row)
        elif decision in DECISIONS:
            DECISIONS[decision](request.actor, row.pk, now=now)
        else:
            status, refusal = 422, _("We do not know this decision.")
    except ChaguanError as error:
        status, refusal = error.http_status, str(error.message)
    row.refresh_from_db()
    context = {**_detail(request, row), "refusal": refusal}
    if not refusal:
        toast(request, DONE_WORDS[decision])
        if not request.htmx:
            return redirect("console:outbox-row", row.pk)
    in_list = request.htmx.target != "outbox-detail"
    partial = "console/outbox/_line.html" if in_list else "console/outbox/_detail.html"
    response = render_swap(request, "console/outbox/row.html", partial, context, status)
    response["HX-Trigger"] = "counts"
    return response


@transaction.atomic
def _override(request: StaffRequest, row: OutboxRow) -> None:
    """An owner's exception from what the type forbids, and the row goes on its way. Raises what they raise."""
    now, reason = clock.now(), request.POST.get("reason", "")
    override_guard(request.actor, row.community_id or 0, row.key, reason=reason, now=now)
    DECISIONS["release"](request.actor, row.pk, now=now)
