"""群发 Broadcasts: write once, look at what each community would hear, send, and see what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from chaguan.communities.selectors import communities_visible_to, has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.broadcasts import BroadcastForm
from chaguan.console.lines.actors import actor_names
from chaguan.console.lines.broadcasts import heard_lines, state_counts
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError, Missing
from chaguan.playbooks.actions.broadcast_approvals import approve_broadcast, refuse_broadcast
from chaguan.playbooks.actions.broadcasts import (
    MOST,
    Hearing,
    broadcast,
    cancel_broadcast,
    rehearse,
)
from chaguan.playbooks.selectors.broadcasts import (
    as_heard,
    broadcasts_visible_to,
    counts_of,
    hearing_communities,
    may_decide_broadcast,
    second_people,
    target_lines,
)
from chaguan.ui.paging import keyset_page_of
from chaguan.ui.shortcuts import render_swap, toast

if TYPE_CHECKING:
    from chaguan.playbooks.models import Broadcast


SHOWN = 6  # names of colleagues


@staff_required
def broadcasts(request: StaffRequest) -> HttpResponse:
    """What was said to many, newest first, with how it went."""
    page = keyset_page_of(request, broadcasts_visible_to(request.actor).order_by(), ("-id",))
    counts = counts_of(request.actor, page.rows)
    names = actor_names({row.by for row in page.rows})
    context = {
        "place": "outbox",
        "paged": page,
        "lines": [(row, names.get(row.by, ""), state_counts(counts[row.pk])) for row in page.rows],
        "may_speak": has_right_somewhere(request.actor, Right.RUN_PLAYBOOKS),
    }
    return render(request, "console/broadcasts/page.html", context)


@staff_required
def broadcast_new(request: StaffRequest) -> HttpResponse:
    """Two steps on one page: `look` shows what would happen, `send` plans it."""
    if not has_right_somewhere(request.actor, Right.RUN_PLAYBOOKS):
        return render(request, "console/broadcasts/refused.html", {"place": "outbox"}, status=403)
    mine = communities_visible_to(request.actor, Right.RUN_PLAYBOOKS).exclude(
        phase__in=("closed", "draft")
    )
    places = list(mine.order_by("name").values_list("pk", "name", "type")[:MOST])
    form = BroadcastForm(request.POST or None, places=places)
    hearings: list[Hearing] = []
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        now = clock.now()
        wish = form.wish(now)
        try:
            if request.POST.get("step") == "send":
                made = broadcast(request.actor, wish, now=now)
                asked = _("A colleague has to agree. Here you see what comes of it.")
                planned = _("Planned. Here you see what comes of it.")
                toast(request, asked if made.is_promotion else planned)
                return redirect("console:broadcast", made.pk)
            hearings, status = rehearse(request.actor, wish, now=now), 200
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
    context: dict[str, Any] = {
        "place": "outbox",
        "form": form,
        "refusal": refusal,
        "hearings": hearings,
        "rooms": sum(hearing.rooms for hearing in hearings),
        "left_out": sum(bool(hearing.left_out) for hearing in hearings),
        "has_places": bool(places),
    }
    if hearings and form.cleaned_data["is_promotion"]:
        heard = {hearing.community_id for hearing in hearings if hearing.rooms}
        context["asks"] = True
        context["second_people"] = second_people(request.actor, heard)[:SHOWN]
    return render(request, "console/broadcasts/new.html", context, status=status)


@staff_required
def broadcast_page(request: StaffRequest, broadcast_id: int) -> HttpResponse:
    """One broadcast: each room with what came of it; the list asks again while something is open."""
    row = get_object_or_404(broadcasts_visible_to(request.actor), pk=broadcast_id)
    return _page(request, row)


def _page(
    request: StaffRequest, row: Broadcast, refusal: str = "", status: int = 200
) -> HttpResponse:
    lines = heard_lines(target_lines(request.actor, row), clock.now())
    names = actor_names({row.by, row.decided_by})
    waits = row.state == "waiting" and row.cancelled_at is None
    is_author = row.by == request.actor.reference
    ((_row, place, text),) = as_heard([row])
    context = {
        "place": "outbox",
        "row": row,
        "heard_by": place,
        "text": text,
        "by": names.get(row.by, ""),
        "decider": names.get(row.decided_by, ""),
        "lines": lines,
        "counts": state_counts(counts_of(request.actor, [row])[row.pk]),
        "open": sum(line.is_open for line in lines),
        "may_speak": has_right_somewhere(request.actor, Right.RUN_PLAYBOOKS),
        "waits": waits,
        "is_author": is_author,
        "may_decide": waits and not is_author and may_decide_broadcast(request.actor, row),
        "refusal": refusal,
    }
    if waits and is_author:
        heard = hearing_communities(row)
        context["second_people"] = second_people(request.actor, heard)[:SHOWN]
    return render_swap(
        request,
        "console/broadcasts/broadcast.html",
        "console/broadcasts/_heard.html",
        context,
        status,
    )


@staff_required
@require_POST
def broadcast_decide(request: StaffRequest, broadcast_id: int) -> HttpResponse:
    """The second person's yes, or no with a reason."""
    row = get_object_or_404(broadcasts_visible_to(request.actor), pk=broadcast_id)
    step, now = request.POST.get("step", ""), clock.now()
    try:
        if step == "approve":
            approve_broadcast(request.actor, row.pk, now=now)
            toast(request, _("Agreed. It goes out at its time."))
        elif step == "refuse":
            refuse_broadcast(request.actor, row.pk, request.POST.get("reason", ""), now=now)
            toast(request, _("It stays here. Its author reads your reason."))
        else:
            return _page(request, row, _("We do not know this decision."), 422)
    except Missing:
        raise Http404 from None
    except ChaguanError as error:
        row.refresh_from_db()
        return _page(request, row, str(error.message), error.http_status)
    return redirect("console:broadcast", row.pk)


@staff_required
@require_POST
def broadcast_cancel(request: StaffRequest, broadcast_id: int) -> HttpResponse:
    """Take back what has not gone out."""
    row = get_object_or_404(broadcasts_visible_to(request.actor), pk=broadcast_id)
    try:
        taken = cancel_broadcast(request.actor, row.pk, now=clock.now())
    except Missing:
        raise Http404 from None
    words = ngettext("%(n)d message taken back.", "%(n)d messages taken back.", taken)
    toast(request, words % {"n": taken} if taken else _("Everything had gone out already."))
    return redirect("console:broadcast", row.pk)
