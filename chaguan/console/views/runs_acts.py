"""What the forms of a run's pages ask for, and the way back from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError, Invalid
from chaguan.playbooks.actions.gatherings import call_off_event
from chaguan.playbooks.actions.redating import move_event
from chaguan.playbooks.actions.rescheduling import reschedule, restore_step, shift_step
from chaguan.playbooks.actions.runs import pause_run, resume_run, shift_run, skip_step, stop_run
from chaguan.playbooks.actions.takeover import pause_room, resume_room
from chaguan.playbooks.selectors.notation import local_instant

if TYPE_CHECKING:
    from chaguan.playbooks.models import Run


@dataclass(frozen=True)
class Done:
    """What happened in a sentence; `undo` holds the fields of the form that takes it back."""

    sentence: str
    undo: Mapping[str, str] = field(default_factory=dict)


def act_on_run(actor: Actor, run: Run, form: QueryDict, *, now: datetime) -> Done:
    """Do what the form says. Raises whatever the action refuses with."""
    act = ACTS.get(form.get("act", ""))
    if act is None:
        raise ChaguanError(_("We do not know this decision."))
    return act(actor, run, form, now)


def _pause(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    pause_run(actor, run.pk, now=now)
    return Done(_("Paused. Nothing of it is sent until it goes on."), {"act": "resume"})


def _resume(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    resume_run(actor, run.pk, now=now)
    return Done(_("It goes on. What was to come has moved by the days it stood still."))


def _shift(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    days = _whole(form)
    shift_run(actor, run.pk, days, now=now)
    back = {"act": "shift", "days": str(-days)}
    return Done(_("Moved. The dates below are the new ones."), back)


def _skip(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    code = form.get("step", "")
    skip_step(actor, run.pk, code, form.get("reason", "").strip(), now=now)
    back = {"act": "restore", "step": code}
    return Done(_("Skipped. The reason stands beside the step."), back)


def _restore(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    restore_step(actor, run.pk, form.get("step", ""), now=now)
    return Done(_("Put back. What is still to come of it happens again."))


def _shift_step(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    code, days = form.get("step", ""), _whole(form)
    reason = form.get("reason", "").strip()
    moved = shift_step(actor, run.pk, code, days, reason, now=now)
    if not moved:
        raise Invalid(_("Nothing of this step is still to come."), code="nothing_to_move")
    back = {"act": "shift-step", "step": code, "days": str(-days), "reason": reason}
    return Done(_("The step has moved. The rest of the run stays where it was."), back)


def _reschedule(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    chosen = [int(pk) for pk in form.getlist("occurrence") if pk.isdigit()][:500]
    if not chosen:
        raise Invalid(_("Choose the steps that get a new time."), code="nothing_chosen")
    moved = reschedule(actor, run.pk, chosen, _instant(run, form), form.get("reason", ""), now=now)
    text = ngettext("%(n)s step has a new time.", "%(n)s steps have a new time.", moved)
    return Done(text % {"n": moved})


def _pause_room(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    pause_room(actor, run.pk, _room(form), form.get("reason", ""), now=now)
    back = {"act": "resume-room", "room": str(_room(form))}
    return Done(_("This room is paused. The other rooms go on."), back)


def _resume_room(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    resume_room(actor, run.pk, _room(form), now=now)
    return Done(_("The room goes on, later by the days it stood still."))


def _move_event(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    at, before = _instant(run, form), run.event_at
    if at <= now:
        raise Invalid(_("The event is over already. Choose a later time."))
    move_event(actor, run.pk, at, now=now)
    back = {}
    if before is not None and before > now:
        local = before.astimezone(ZoneInfo(run.zone))
        back = {"act": "move-event", "at": f"{local:%Y-%m-%dT%H:%M}"}
    return Done(_("The event has moved. What counts from it has moved along."), back)


def _call_off(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    call_off_event(actor, run.pk, form.get("reason", ""), now=now)
    return Done(_("Called off. Every room of the community hears it once."))


def _stop(actor: Actor, run: Run, form: QueryDict, now: datetime) -> Done:
    stop_run(actor, run.pk, form.get("reason", "").strip(), now=now)
    return Done(_("Stopped. What was still to come is cancelled and stays visible."))


Act = Callable[["Actor", "Run", QueryDict, datetime], Done]
ACTS: dict[str, Act] = {
    "pause": _pause,
    "resume": _resume,
    "shift": _shift,
    "skip": _skip,
    "restore": _restore,
    "shift-step": _shift_step,
    "reschedule": _reschedule,
    "pause-room": _pause_room,
    "resume-room": _resume_room,
    "move-event": _move_event,
    "call-off": _call_off,
    "stop": _stop,
}


def _whole(form: QueryDict) -> int:
    try:
        return int(form.get("days", ""))
    except ValueError:
        raise ChaguanError(_("Say by how many days, as a whole number.")) from None


def _room(form: QueryDict) -> int:
    text = form.get("room", "")
    return int(text) if text.isdigit() else 0


def _instant(run: Run, form: QueryDict) -> datetime:
    """The chosen time, in the run's own zone."""
    try:
        given = parse_datetime(form.get("at", ""))
    except ValueError:
        given = None
    if given is None:
        raise Invalid(_("Say the new day and hour."), code="no_time")
    return local_instant(given.date(), given.time(), ZoneInfo(run.zone))
