"""Dating a run anew when its zone, its event or the community's days off change."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.selectors.audiences import settings_of
from chaguan.eventlog.actions import record
from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.playbooks.actions.runs import open_run
from chaguan.playbooks.engine.catalogue import document_of, remember_place
from chaguan.playbooks.engine.redating import change_anchor
from chaguan.playbooks.events import RunRedated
from chaguan.playbooks.models import Run
from chaguan.playbooks.types import RunState


@transaction.atomic
def change_zone(actor: Actor, run_id: int, zone: str, *, now: datetime) -> Run:
    """Let a run go by the clocks of another zone; what is still to come keeps its local times.

    What is done stays done. The event stays the instant it is; a run that has not begun begins at the
    same local time. A step whose new time has passed is late, by its own rule.

    Emits: RunRedated. Raises: Missing, Refused, RunIsOver, Invalid for an unknown zone.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        text = _("There is no time zone %(zone)s.")
        raise Invalid(text % {"zone": zone[:60]}, code="unknown_zone") from wrong
    run = open_run(actor, run_id)
    if run.zone != zone:
        _date_anew(actor, run, "zone", zone=zone, event_at=run.event_at, now=now)
    return run


@transaction.atomic
def move_event(actor: Actor, run_id: int, event_at: datetime, *, now: datetime) -> Run:
    """Move the event a run is about; every step that counts from it and is still to come moves along.

    Emits: RunRedated. Raises: Missing, Refused, RunIsOver, Invalid for a run without an event.
    """
    run = open_run(actor, run_id)
    if document_of(run.edition_id).anchor != "event":
        raise Invalid(_("This run counts from no event."), code="no_event")
    if run.event_at != event_at:
        _date_anew(actor, run, "event", zone=run.zone, event_at=event_at, now=now)
    return run


@transaction.atomic
def follow_community(actor: Actor, community_id: int, *, now: datetime, cause: Logged) -> None:
    """Bring a community's open runs to its zone and days off of now. Emits: RunRedated, where one changed."""
    zone = settings_of({community_id})[community_id]["timezone"]
    open_runs = Run.objects.select_for_update().filter(
        community_id=community_id, state__in=[RunState.RUNNING, RunState.PAUSED]
    )
    for run in open_runs.order_by("pk"):
        what = "zone" if run.zone != zone else "days_off"
        _date_anew(actor, run, what, zone=zone, event_at=run.event_at, now=now, cause=cause)


def _date_anew(
    actor: Actor,
    run: Run,
    what: str,
    *,
    zone: str,
    event_at: datetime | None,
    now: datetime,
    cause: Logged | None = None,
) -> None:
    changed = change_anchor(run, zone=zone, event_at=event_at, now=now)
    transaction.on_commit(lambda: remember_place(run.pk, run.community_id, run.zone))
    if changed or what != "days_off":
        record(RunRedated(run.community_id, run.pk, what), actor=actor, at=now, cause=cause)
