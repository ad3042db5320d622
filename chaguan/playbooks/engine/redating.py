"""Dating a run anew: its zone, event or holidays changed. What is done stays, slots stay, nothing doubles.

Personal tracks: a person has one timer, at the next of the moments of her cohort. Where moments trade
places, what was still to come is the set behind her timer in the old order; the new timer is the first of
them in the new order. A moment that she passed and that lies ahead now is walked over again: its effects
have keys, so nothing is said twice.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F, Q

from chaguan.playbooks.engine.catalogue import document_of, known_step
from chaguan.playbooks.engine.enrolling import PARKED_S, moments_of
from chaguan.playbooks.engine.planning import dated_steps, horizon, lay_out
from chaguan.playbooks.models import Cohort, CohortStep, Occurrence, Run, StepMove
from chaguan.playbooks.schedule import local_instant
from chaguan.playbooks.types import StepState

DAY = timedelta(days=1)
_NEXT = """
UPDATE playbooks_timer AS t SET wake_s = q.k / 1024 + q.parked, place = q.k %% 1024
FROM (
  SELECT p.wake_s, p.enrolment_id, p.place, p.parked, (
    SELECT min(coalesce(n.at_s, p.entered_s + n.after_s) * 1024 + n.place)
    FROM playbooks_cohortstep AS c
    JOIN playbooks_cohortstep AS n ON n.cohort_id = -c.cohort_id AND n.place = c.place
    WHERE c.cohort_id = p.cohort_id AND c.is_chained
    AND coalesce(c.at_s, p.entered_s + c.after_s) * 1024 + c.place
      >= (p.wake_s - p.parked) * 1024 + p.place
  ) AS k
  FROM (
    SELECT w.wake_s, w.enrolment_id, w.place, e.cohort_id, e.entered_s,
      CASE WHEN w.wake_s >= {parked} THEN {parked} ELSE 0 END AS parked
    FROM playbooks_timer AS w
    JOIN playbooks_enrolment AS e ON e.id = w.enrolment_id
    JOIN playbooks_cohortstep AS o ON o.cohort_id = e.cohort_id AND o.place = w.place
    WHERE e.run_id = {run} AND o.is_chained
  ) AS p
) AS q
WHERE t.wake_s = q.wake_s AND t.enrolment_id = q.enrolment_id AND t.place = q.place
AND q.k IS NOT NULL
"""
_LOCK = """
SELECT 1 FROM playbooks_timer WHERE enrolment_id IN (
  SELECT id FROM playbooks_enrolment WHERE run_id = {run}
) FOR UPDATE
"""


def change_anchor(run: Run, *, zone: str, event_at: datetime | None, now: datetime) -> int:
    """Give the run another zone or event and date anew what is still to come; returns how many dated
    steps of the room got another time. The caller holds the run's row."""
    old_zone, old_event = ZoneInfo(run.zone), run.event_at
    run.zone, run.event_at = zone, event_at
    new_zone = ZoneInfo(zone)
    if run.starts_at > now:
        run.starts_at = same_clock(run.starts_at, old_zone, new_zone)
    if run.ends_at is not None:
        run.ends_at = same_clock(run.ends_at, old_zone, new_zone)
        if event_at is not None and old_event is not None and event_at > old_event:
            run.ends_at += event_at - old_event
    _carry_moves(run, old_zone, new_zone, old_event)
    changed = date_rooms(run)
    date_people(run)
    today = now.astimezone(new_zone).date()
    lay_out(run, document_of(run.edition_id), since=today, until=horizon(run, today))
    run.save()
    return changed


def same_clock(instant: datetime, old: ZoneInfo, new: ZoneInfo) -> datetime:
    """The instant at which clocks of the new zone show what clocks of the old one showed."""
    local = instant.astimezone(old)
    return local_instant(local.date(), local.time(), new)


def date_rooms(run: Run, *, with_calendar: bool = True) -> int:
    """Dated steps that wait, or that a holiday left out, by their slots. One statement per 200.

    Those that a person put elsewhere stay there. Without the calendar its rules stay as they are.
    """
    left_out = Q(state=StepState.SKIPPED, reason="holiday")
    rows = {
        (row.step_id, row.slot): row
        for row in Occurrence.objects.select_for_update(of=("self",))
        .filter(Q(state=StepState.WAITING) | left_out, run=run, move__isnull=True)
        .order_by("pk")
    }
    document = document_of(run.edition_id)
    until = run.planned_until if with_calendar and run.planned_until else run.starts_on
    changed = []
    slots: set[tuple[int, str]] = set()
    for known, found in dated_steps(run, document, since=run.starts_on, until=until):
        slots.add((known.row.pk, found.slot))
        row = rows.get((known.row.pk, found.slot))
        if row is None or (row.is_calendar and not with_calendar):
            continue
        state = StepState.SKIPPED if found.left_out else StepState.WAITING
        if (row.due_at, row.closes_at, row.state) != (found.due_at, found.closes_at, state):
            row.due_at, row.closes_at, row.state = found.due_at, found.closes_at, state
            row.reason, row.done_at = found.left_out, found.due_at if found.left_out else None
            changed.append(row)
    if with_calendar:
        changed += _off_now([row for slot, row in rows.items() if slot not in slots], run, until)
    fields = ["due_at", "closes_at", "state", "reason", "done_at"]
    Occurrence.objects.bulk_update(changed, fields, batch_size=200)
    return len(changed)


def _off_now(rows: Sequence[Occurrence], run: Run, until: date) -> list[Occurrence]:
    """Steps of the calendar whose day is no working day any more: left out, until it is one again."""
    zone = ZoneInfo(run.zone)
    first, end = (local_instant(day, time(), zone) for day in (run.starts_on, until + DAY))
    found = [
        row
        for row in rows
        if row.is_calendar and row.state == StepState.WAITING and first <= row.due_at < end
    ]
    for row in found:
        row.state, row.reason, row.done_at = StepState.SKIPPED, "holiday", row.due_at
    return found


def _carry_moves(run: Run, old: ZoneInfo, new: ZoneInfo, old_event: datetime | None) -> None:
    """Steps that a person put elsewhere keep their local time, and their distance to the event."""
    moves = list(
        StepMove.objects.filter(
            occurrence__run=run, occurrence__state=StepState.WAITING
        ).select_related("occurrence")
    )
    for move in moves:
        at = same_clock(move.at, old, new)
        is_of_event = "E" in known_step(move.occurrence.step_id).document.moment.bases
        if is_of_event and run.event_at is not None and old_event is not None:
            at += run.event_at - old_event
        move.at = move.occurrence.due_at = at
    StepMove.objects.bulk_update(moves, ["at"], batch_size=200)
    Occurrence.objects.bulk_update([move.occurrence for move in moves], ["due_at"], batch_size=200)


def date_people(run: Run) -> None:
    """Lay the moments of all cohorts out anew and set everybody's timer to the next of them.

    Statements: five, and one for each 500 moments, whatever the number of people.
    """
    document = document_of(run.edition_id)
    cohorts = list(Cohort.objects.filter(run=run))
    if not cohorts:
        return
    rows = [row for cohort in cohorts for row in moments_of(run, document, cohort)]
    for row in rows:
        row.cohort_id = -row.cohort_id  # beside the old ones until the timers are set
    CohortStep.objects.bulk_create(rows, batch_size=500)
    ids = [cohort.pk for cohort in cohorts]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_LOCK.format(run=int(run.pk)))
        cursor.execute(_NEXT.format(run=int(run.pk), parked=PARKED_S), [])
    CohortStep.objects.filter(cohort_id__in=ids).delete()
    CohortStep.objects.filter(cohort_id__in=[-pk for pk in ids]).update(cohort_id=-F("cohort_id"))
