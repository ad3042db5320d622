"""Moving a run in time: dated steps, cohorts and timers are laid out anew, by local days."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.engine.enrolling import PARKED_S
from chaguan.playbooks.engine.planning import horizon, lay_out
from chaguan.playbooks.engine.redating import date_people, date_rooms
from chaguan.playbooks.models import Assignment, Occurrence, Run, StepMove
from chaguan.playbooks.schedule import moved_by_days
from chaguan.playbooks.types import AssignmentState, StepState

_UNPARK = """
UPDATE playbooks_timer SET wake_s = wake_s - {parked}
WHERE wake_s >= {parked} AND enrolment_id IN (
  SELECT id FROM playbooks_enrolment WHERE run_id = {run}
)
"""
_MOVE_TIMERS = """
UPDATE playbooks_timer SET wake_s = wake_s + {delta} WHERE EXISTS (
  SELECT 1 FROM playbooks_enrolment AS e
  JOIN playbooks_cohortstep AS c ON c.cohort_id = e.cohort_id AND c.place = playbooks_timer.place
  WHERE e.id = playbooks_timer.enrolment_id AND e.run_id = {run} AND NOT c.is_chained
) AND enrolment_id IN (SELECT id FROM playbooks_enrolment WHERE run_id = {run})
"""
_PARK = """
UPDATE playbooks_timer SET wake_s = wake_s + {parked}
WHERE wake_s < {parked} AND enrolment_id IN (
  SELECT id FROM playbooks_enrolment WHERE run_id = {run}
)
"""


def park_timers(run: Run) -> None:
    """Put the timers of a paused run behind everything that can fall due. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PARK.format(parked=PARKED_S, run=int(run.pk)))


def move_run(run: Run, days: int, *, now: datetime, since: datetime) -> None:
    """Move what was still to come at `since` by `days`. The event and the calendar's rules stay.

    Rules of the calendar that fell due while the run stood still are left out, with that reason.
    """
    document = document_of(run.edition_id)
    zone = ZoneInfo(run.zone)
    run.starts_on += timedelta(days=days)
    run.starts_at = moved_by_days(run.starts_at, days, zone)
    run.ends_at = moved_by_days(run.ends_at, days, zone) if run.ends_at else None
    run.shifted_days += days
    _move_dated(run, now, since)
    _keep_places(run, days)
    _move_people(run, days)
    _move_open_assignments(run, days, since)
    lay_out(run, document, since=now.astimezone(zone).date(), until=horizon(run, now.date()))
    run.save()


def _move_dated(run: Run, now: datetime, since: datetime) -> None:
    waiting = Occurrence.objects.filter(run=run, state=StepState.WAITING)
    waiting.filter(is_calendar=True, due_at__gte=since, due_at__lt=now).update(
        state=StepState.SKIPPED, reason="paused", done_at=now
    )
    date_rooms(run, with_calendar=False)


def _keep_places(run: Run, days: int) -> None:
    """Steps that a person put elsewhere keep their distance to the run instead of going back."""
    zone = ZoneInfo(run.zone)
    moves = list(
        StepMove.objects.filter(
            occurrence__run=run,
            occurrence__state=StepState.WAITING,
            occurrence__is_calendar=False,
        ).select_related("occurrence")
    )
    for move in moves:
        move.at = move.occurrence.due_at = moved_by_days(move.at, days, zone)
    StepMove.objects.bulk_update(moves, ["at"], batch_size=200)
    Occurrence.objects.bulk_update([move.occurrence for move in moves], ["due_at"], batch_size=200)


def _move_people(run: Run, days: int) -> None:
    ids = {"parked": PARKED_S, "run": int(run.pk)}
    with connection.cursor() as cursor:
        cursor.execute(_UNPARK.format(**ids))
        cursor.execute(_MOVE_TIMERS.format(delta=days * 86400, **ids))
    date_people(run)
    if run.state == "paused":
        park_timers(run)


def _move_open_assignments(run: Run, days: int, since: datetime) -> None:
    """Open lines that were not due yet keep their distance to the run."""
    zone = ZoneInfo(run.zone)
    rows = list(Assignment.objects.filter(run=run, state=AssignmentState.OPEN, due_at__gt=since))
    for row in rows:
        row.due_at = moved_by_days(row.due_at, days, zone)
        row.closes_at = moved_by_days(row.closes_at, days, zone) if row.closes_at else None
    Assignment.objects.bulk_update(rows, ["due_at", "closes_at"], batch_size=200)
