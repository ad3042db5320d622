"""Bringing people onto personal tracks: passes, the cohorts they belong to, and their first timers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from chaguan.communities.selectors.audiences import people_inside
from chaguan.kernel.rowset import rowset
from chaguan.playbooks.document import Playbook, Track, seconds_of
from chaguan.playbooks.engine.catalogue import matches, steps_of
from chaguan.playbooks.engine.planning import anchor_of
from chaguan.playbooks.models import Cohort, CohortStep, Run
from chaguan.playbooks.schedule import PersonalMoment, from_seconds, personal

GRACE_S = 6 * 3600  # steps missed by less than this when a person comes in are still theirs
PARKED_S = 1 << 40  # added to the timers of a paused run: they come after everything that is due

_ENTER = """
INSERT INTO playbooks_enrolment (run_id, cohort_id, member_id, track, entry, state, entered_s)
SELECT {run}, v.cohort_id, v.member_id, {track}, {entry}, 0, v.entered_s
FROM ({people}) AS v WHERE {allowed}
ON CONFLICT (run_id, track, member_id, entry) DO NOTHING RETURNING id
"""
_PASSES = """
(SELECT count(*) FROM playbooks_enrolment AS b
 WHERE b.run_id = {run} AND b.track = {track} AND b.member_id = v.member_id)
"""
_AGAIN = """
NOT EXISTS (SELECT 1 FROM playbooks_enrolment AS b
 WHERE b.run_id = {run} AND b.track = {track} AND b.member_id = v.member_id
 AND (b.state = 0 OR coalesce(b.ended_s, b.entered_s) > v.entered_s - {pause_s}))
"""
_FIRST = """
INSERT INTO playbooks_timer (wake_s, enrolment_id, place)
SELECT n.k / 1024 + {parked}, n.id, n.k %% 1024 FROM (
  SELECT e.id AS id, (
    SELECT min(coalesce(c.at_s, e.entered_s + c.after_s) * 1024 + c.place)
    FROM playbooks_cohortstep AS c WHERE c.cohort_id = e.cohort_id AND c.is_chained
    AND coalesce(c.at_s, e.entered_s + c.after_s) >= e.entered_s - {grace}
  ) AS k
  FROM ({new}) AS w JOIN playbooks_enrolment AS e ON e.id = w.id
) AS n WHERE n.k IS NOT NULL ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Arrival:
    """A person comes onto a track at an instant."""

    member_id: int
    entered_s: int


def enrol(run: Run, document: Playbook, track: Track, arrivals: Sequence[Arrival]) -> int:
    """Start a pass for each arrival that the track's entry rule allows; returns how many began.

    Statements: 2 for each new first day, and 2 for each 1,000 arrivals.
    """
    zone = ZoneInfo(run.zone)
    began = 0
    for start in range(0, len(arrivals), 1000):
        chunk = arrivals[start : start + 1000]
        days = {a.entered_s: from_seconds(a.entered_s).astimezone(zone).date() for a in chunk}
        cohorts = {day: cohort_of(run, document, track, day).pk for day in set(days.values())}
        rows = [(a.member_id, a.entered_s, cohorts[days[a.entered_s]]) for a in chunk]
        began += _enrol_chunk(run, document, track, rows)
    return began


def enrol_audience(run: Run, document: Playbook, track: Track, *, entered_s: int) -> int:
    """Start a pass for everybody in the track's audience, when the run starts."""
    entry = track.entry
    trees = []
    if entry is not None and entry.when is not None:
        trees.append(entry.when)
    if entry is not None and entry.audience.startswith("segment:"):
        trees.append(entry.audience.removeprefix("segment:"))
    trees = [document.segments[t] if isinstance(t, str) else t for t in trees]
    inside = people_inside().filter(community_id=run.community_id).order_by()
    sql, params = inside.values("member_id").query.sql_with_params()
    asked, given = matches(
        trees,
        "m.member_id",
        now=from_seconds(entered_s),
        community_id=run.community_id,
        zone=run.zone,
    )
    with connection.cursor() as cursor:
        where = f" WHERE {asked}" if asked else ""
        cursor.execute(
            f"SELECT m.member_id FROM ({sql}) AS m{where} ORDER BY 1",
            [*params, *given],
        )
        people = [Arrival(int(row[0]), entered_s) for row in cursor.fetchall()]
    return enrol(run, document, track, people)


def _enrol_chunk(
    run: Run, document: Playbook, track: Track, rows: Sequence[tuple[int, int, int]]
) -> int:
    people, params = rowset(
        {"member_id": "bigint", "entered_s": "bigint", "cohort_id": "bigint"}, rows
    )
    ids = {"run": int(run.pk), "track": document.tracks.index(track)}
    again = track.entry.again if track.entry else "never"
    if again == "never":
        entry, allowed = "0", "true"
    else:
        pause_s = 0 if again == "each_time" else seconds_of(again)
        entry, allowed = _PASSES.format(**ids), _AGAIN.format(pause_s=pause_s, **ids)
    with connection.cursor() as cursor:
        cursor.execute(_ENTER.format(people=people, entry=entry, allowed=allowed, **ids), params)
        new = cursor.fetchall()
        if not new:
            return 0
        begun, given = rowset({"id": "bigint"}, new)
        parked = PARKED_S if run.state == "paused" else 0
        cursor.execute(_FIRST.format(new=begun, parked=parked, grace=GRACE_S), given)
    return len(new)


def cohort_of(run: Run, document: Playbook, track: Track, day: date) -> Cohort:
    """The cohort of people whose first local day is `day`, with its moments laid out."""
    cohort, is_new = Cohort.objects.get_or_create(
        run=run, track=track.key, day=day, made_at_shift=run.shifted_days
    )
    if is_new:
        CohortStep.objects.bulk_create(moments_of(run, document, cohort))
    return cohort


def moments_of(run: Run, document: Playbook, cohort: Cohort) -> list[CohortStep]:
    """Every moment of the track for this cohort, moved by what the run was moved since it began."""
    moved = run.shifted_days - cohort.made_at_shift
    anchor = anchor_of(run, document)
    day = cohort.day + timedelta(days=moved)
    rows: list[CohortStep] = []
    wait_places: dict[str, int] = {}
    for known in steps_of(run.edition_id).values():
        if known.row.track != cohort.track:
            continue
        branch = _branch_of(known.document.after, wait_places)
        for moment in known.document.moment.moments:
            for found in personal(moment, anchor, day):
                place = len(rows)
                rows.append(_moment(cohort, place, known.row.pk, found, moved, branch))
                if known.row.kind == "wait_for":
                    wait_places.setdefault(known.row.code, place)
                    rows.append(_time_out(cohort, place, known.row.pk, known.due.fields.within))
    return rows


def _branch_of(after: str | None, wait_places: dict[str, int]) -> dict[str, Any]:
    code, _dot, result = (after or "").partition(".")
    if code not in wait_places:
        return {}
    return {"wait_place": wait_places[code], "wait_result": 1 if result == "act" else 2}


def _moment(
    cohort: Cohort,
    place: int,
    step_id: int,
    found: PersonalMoment,
    moved: int,
    branch: dict[str, Any],
) -> CohortStep:
    after_s = found.after_s
    counts_from_wait = bool(branch) and found.at_s is None
    if after_s is not None and not counts_from_wait:
        after_s += moved * 86400
    return CohortStep(
        cohort_id=cohort.pk,
        place=place,
        step_id=step_id,
        at_s=found.at_s,
        after_s=after_s,
        is_chained=not counts_from_wait,
        **branch,
    )


def _time_out(cohort: Cohort, place: int, step_id: int, within: str) -> CohortStep:
    return CohortStep(
        cohort_id=cohort.pk,
        place=place + 1,
        step_id=step_id,
        after_s=seconds_of(within),
        wait_place=place,
        wait_result=3,
        is_chained=False,
    )
