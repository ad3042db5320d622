"""A run's calendar: its dated steps, what people on personal tracks got and what they have to come, by day.

What is over is read from what it left behind, for a run that was moved has other moments now.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q

from chaguan.kernel import clock
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.engine.catalogue import steps_of
from chaguan.playbooks.engine.enrolling import PARKED_S
from chaguan.playbooks.models import Assignment, Occurrence, Run, Step
from chaguan.playbooks.schedule import from_seconds, local_instant, seconds
from chaguan.playbooks.selectors.capacity import is_for_person

_PEOPLE = """
SELECT c.step_id, coalesce(c.at_s, e.entered_s + c.after_s) AS at_s, count(*)
FROM playbooks_enrolment AS e JOIN playbooks_cohortstep AS c ON c.cohort_id = e.cohort_id {moved}
WHERE e.run_id = %s AND e.state = 0 AND c.is_chained
AND coalesce(c.at_s, e.entered_s + c.after_s) >= %s
AND coalesce(c.at_s, e.entered_s + c.after_s) < %s
GROUP BY c.step_id, coalesce(c.at_s, e.entered_s + c.after_s)
"""
# A run that was moved has moments to come that people are through with: only their timers know. They are
# read whole, for nothing else asks by person, so only moved runs do.
_MOVED = f"""
JOIN (
  SELECT enrolment_id, min(wake_s %% {PARKED_S}) AS next_s FROM playbooks_timer GROUP BY enrolment_id
) AS t ON t.enrolment_id = e.id AND coalesce(c.at_s, e.entered_s + c.after_s) >= t.next_s
"""


@dataclass(frozen=True)
class CalendarEntry:
    """One moment of a step. `people` is set on personal tracks: how many have it at that moment."""

    at: datetime
    step: Step
    state: str
    reason: str
    occurrence_id: int | None = None
    people: int = 0


def calendar_of(run: Run, first: date, last: date) -> dict[date, list[CalendarEntry]]:
    """Everything between two local days of the run's zone, by day and time. Queries: 4.

    The caller may see the run. People's moments are merged per day and step, at the first of them.
    """
    zone = ZoneInfo(run.zone)
    begin = local_instant(first, time(), zone)
    end = local_instant(last + timedelta(days=1), time(), zone)
    known = steps_of(run.edition_id)
    days: dict[date, list[CalendarEntry]] = defaultdict(list)
    rows = Occurrence.objects.filter(run=run, due_at__gte=begin, due_at__lt=end)
    for row in rows.only("pk", "step_id", "due_at", "state", "reason"):
        entry = CalendarEntry(
            row.due_at, known[row.step_id].row, str(row.state), row.reason, row.pk
        )
        days[row.due_at.astimezone(zone).date()].append(entry)
    for day, entries in _people(run, begin, end, zone).items():
        days[day].extend(entries)
    return {day: sorted(days[day], key=lambda e: (e.at, e.step.place)) for day in sorted(days)}


def _people(
    run: Run, begin: datetime, end: datetime, zone: ZoneInfo
) -> Mapping[date, Sequence[CalendarEntry]]:
    """One entry per day and step. Queries: 3."""
    known, now = steps_of(run.edition_id), clock.now()
    together: dict[tuple[date, int], list[tuple[datetime, int]]] = defaultdict(list)
    to_come = _to_come(run, max(begin, now), end)
    for step_id, at, amount in [
        *_lines(run, begin, min(end, now)),
        *_sent(run, begin, end),
        *to_come,
    ]:
        together[at.astimezone(zone).date(), step_id].append((at, amount))
    days: dict[date, list[CalendarEntry]] = defaultdict(list)
    for (day, step_id), moments in together.items():
        first = min(at for at, _n in moments)
        people = sum(n for _at, n in moments)
        days[day].append(CalendarEntry(first, known[step_id].row, "people", "", None, people))
    return days


Moment = tuple[int, datetime, int]  # step, when, how many people


def _to_come(run: Run, begin: datetime, end: datetime) -> list[Moment]:
    with connection.cursor() as cursor:
        sql = _PEOPLE.format(moved=_MOVED if run.shifted_days else "")
        cursor.execute(sql, [run.pk, seconds(begin), seconds(end)])
        return [
            (int(step_id), from_seconds(int(at_s)), int(amount))
            for step_id, at_s, amount in cursor.fetchall()
        ]


def _lines(run: Run, begin: datetime, end: datetime) -> list[Moment]:
    """What stood on sheets, prepared messages among it."""
    rows = Assignment.objects.filter(
        run=run, enrolment__isnull=False, due_at__gte=begin, due_at__lt=end
    )
    grouped = rows.order_by().values_list("step_id", "due_at").annotate(n=Count("id"))
    return list(grouped)


def _sent(run: Run, begin: datetime, end: datetime) -> list[Moment]:
    """Messages that needed no yes, once they were planned."""
    mine = {
        step_id: step.row.code
        for step_id, step in steps_of(run.edition_id).items()
        if step.row.is_personal and not is_for_person(step.row)
    }
    which = Q(pk__in=())
    for code in mine.values():
        which |= Q(key__gte=f"run:{run.pk}/{code}/e", key__lt=f"run:{run.pk}/{code}/f")
    rows = all_rows().filter(which, due_at__gte=begin, due_at__lt=end).order_by()
    grouped = rows.values_list("payload__step", "due_at").annotate(n=Count("id"))
    return [(int(step_id), at, amount) for step_id, at, amount in grouped]
