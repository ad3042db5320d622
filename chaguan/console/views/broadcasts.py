"""群发 Broadcasts: write once, look at what each community would hear, send, and see what came of it."""

from typing import Any

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
from chaguan.playbooks.actions.broadcasts import (
    MOST,
    Hearing,
    Wish,
    broadcast,
    cancel_broadcast,
    rehearse,
)
from chaguan.playbooks.selectors.broadcasts import (
    broadcasts_visible_to,
    counts_of,
    target_lines,
)
from chaguan.ui.paging import keyset_page_of
from chaguan.ui.shortcuts import render_swap, toast


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
        said, now = form.cleaned_data, clock.now()
        wish = Wish(
            said["text"],
            said["purpose"],
            said["due_at"] or now,
            said["communities"],
            said["is_promotion"],
        )
        try:
            if request.POST.get("step") == "send":
                made = broadcast(request.actor, wish, now=now)
                toast(request, _("Planned. Here you see what comes of it."))
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
    return render(request, "console/broadcasts/new.html", context, status=status)


@staff_required
def broadcast_page(request: StaffRequest, broadcast_id: int) -> HttpResponse:
    """One broadcast: each room with what came of it; the list asks again while something is open."""
    row = get_object_or_404(broadcasts_visible_to(request.actor), pk=broadcast_id)
    lines = heard_lines(target_lines(request.actor, row), clock.now())
    context = {
        "place": "outbox",
        "row": row,
        "by": actor_names({row.by, row.cancelled_by}).get(row.by, ""),
        "lines": lines,
        "counts": state_counts(counts_of(request.actor, [row])[row.pk]),
        "open": sum(line.is_open for line in lines),
        "may_speak": has_right_somewhere(request.actor, Right.RUN_PLAYBOOKS),
    }
    return render_swap(
        request, "console/broadcasts/broadcast.html", "console/broadcasts/_heard.html", context
    )


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
