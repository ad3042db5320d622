"""What a person does at the end of a run: writes the review, decides, closes, sends people on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.views.outcomes import PAGE, end_context
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.handovers import hand_over_now, let_go, send_on
from chaguan.playbooks.actions.reviews import close_run, decide_change, propose_change, save_review
from chaguan.playbooks.selectors.runs import runs_visible_to
from chaguan.ui.shortcuts import toast

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chaguan.playbooks.models import Run


@staff_required
@require_POST
def run_end_step(request: StaffRequest, run_id: int) -> HttpResponse:
    """One decision on the closing page. A refusal stands at the top, and what was typed stays."""
    found = get_object_or_404(runs_visible_to(request.actor), pk=run_id)
    act = ACTS.get(request.POST.get("act", ""))
    try:
        if act is None:
            raise ChaguanError(_("We do not know this decision."))
        toast(request, act(request, found, clock.now()))
    except ChaguanError as error:
        context = {**end_context(request, found), "refusal": str(error), "typed": request.POST}
        return render(request, PAGE, context, status=error.http_status)
    part = request.POST.get("part", "")
    return redirect(reverse("console:run-end", args=[found.pk]) + (f"#{part}" if part else ""))


def _save(request: StaffRequest, found: Run, now: datetime) -> str:
    _write(request, found, now)
    return _("Kept. It can still be changed until the run is closed.")


def _write(request: StaffRequest, found: Run, now: datetime) -> None:
    form = request.POST
    save_review(
        request.actor,
        found.pk,
        now=now,
        facts=form.get("facts", ""),
        causes=form.get("causes", ""),
        no_changes_because=form.get("no_changes_because", ""),
    )


def _propose(request: StaffRequest, found: Run, now: datetime) -> str:
    form = request.POST
    propose_change(
        request.actor,
        found.pk,
        now=now,
        step=form.get("step", ""),
        field=form.get("field", ""),
        value=form.get("value", ""),
        what=form.get("what", ""),
    )
    return _("The change is written down and waits for a decision.")


def _accept(request: StaffRequest, found: Run, now: datetime) -> str:
    decide_change(request.actor, found.pk, _id(request), now=now, is_accepted=True)
    return _("Accepted. It goes into the next edition when the run is closed.")


def _decline(request: StaffRequest, found: Run, now: datetime) -> str:
    decide_change(request.actor, found.pk, _id(request), now=now, is_accepted=False)
    return _("Declined.")


def _close(request: StaffRequest, found: Run, now: datetime) -> str:
    _write(request, found, now)
    edition = close_run(request.actor, found.pk, now=now)
    if edition is None:
        return _("Closed. Thank you for looking back.")
    return _("Closed. Edition %(version)s is published with the accepted changes.") % {
        "version": edition.version
    }


def _send_on(request: StaffRequest, found: Run, now: datetime) -> str:
    began = send_on(
        request.actor, found.pk, _members(request), request.POST.get("plan", ""), now=now
    )
    return ngettext(
        "The plan begins for %(n)s person.", "The plan begins for %(n)s people.", began
    ) % {"n": began}


def _let_go(request: StaffRequest, found: Run, now: datetime) -> str:
    let_go(request.actor, found.pk, _members(request), request.POST.get("reason", ""), now=now)
    return _("Noted, with your reason.")


def _hand_over(request: StaffRequest, found: Run, now: datetime) -> str:
    began = hand_over_now(request.actor, found.pk, now=now)
    return ngettext(
        "The plan begins for %(n)s person.", "The plan begins for %(n)s people.", began
    ) % {"n": began}


def _id(request: StaffRequest) -> int:
    text = request.POST.get("change", "")
    return int(text) if text.isdecimal() else 0


def _members(request: StaffRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("member") if text.isdecimal()]


ACTS: dict[str, Callable[[StaffRequest, Run, datetime], str]] = {
    "save": _save,
    "propose": _propose,
    "accept": _accept,
    "decline": _decline,
    "close": _close,
    "send_on": _send_on,
    "let_go": _let_go,
    "hand_over": _hand_over,
}
