"""A run's calendar: its dated steps and what people on personal tracks have to come, by local day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from chaguan.playbooks.engine.catalogue import steps_of
from chaguan.playbooks.models import Occurrence, Run, Step
from chaguan.playbooks.schedule import from_seconds, local_instant, seconds

_PEOPLE = """
SELECT c.step_id, coalesce(c.at_s, e.entered_s + c.after_s) AS at_s, count(*)
FROM playbooks_enrolment AS e JOIN playbooks_cohortstep AS c ON c.cohort_id = e.cohort_id
WHERE e.run_id = %s AND e.state <> 2 AND c.is_chained
AND coalesce(c.at_s, e.entered_s + c.after_s) >= %s
AND coalesce(c.at_s, e.entered_s + c.after_s) < %s
GROUP BY c.step_id, coalesce(c.at_s, e.entered_s + c.after_s)
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
    """Everything between two local days of the run's zone, by day and time. Queries: 2.

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
    known = steps_of(run.edition_id)
    together: dict[tuple[date, int], list[tuple[datetime, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [run.pk, seconds(begin), seconds(end)])
        for step_id, at_s, amount in cursor.fetchall():
            at = from_seconds(int(at_s))
            together[at.astimezone(zone).date(), int(step_id)].append((at, int(amount)))
    days: dict[date, list[CalendarEntry]] = defaultdict(list)
    for (day, step_id), moments in together.items():
        first = min(at for at, _n in moments)
        people = sum(n for _at, n in moments)
        days[day].append(CalendarEntry(first, known[step_id].row, "people", "", None, people))
    return days
