"""Bringing people onto personal tracks: passes, the cohorts they belong to, and their first timers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from chaguan.communities.selectors.audiences import people_inside
from chaguan.kernel.rowset import rowset
from chaguan.playbooks.document import Playbook, Track, seconds_of
from chaguan.playbooks.engine.arms import arm_of, is_for_arm
from chaguan.playbooks.engine.catalogue import Known, matches, steps_of
from chaguan.playbooks.engine.likeness import among, note_asking
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
    AND coalesce(c.at_s, e.entered_s + c.after_s) >= {since} - {grace}
  ) AS k
  FROM ({new}) AS w JOIN playbooks_enrolment AS e ON e.id = w.id
) AS n WHERE n.k IS NOT NULL ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Arrival:
    """A person comes onto a track at an instant."""

    member_id: int
    entered_s: int
    depth: int = 0  # of the fact that brings her, in a chain of causes


def enrol(
    run: Run,
    document: Playbook,
    track: Track,
    arrivals: Sequence[Arrival],
    *,
    since_s: int | None = None,
) -> int:
    """Start a pass for each arrival that the track's entry rule allows; returns how many began.

    Moments before a person came are not hers; with `since_s` those from then on are: people of the start
    have the steps of the days before it.

    Statements: 2 for each new cohort (first day, arm, depth), and 2 for each 1,000 arrivals.
    """
    zone = ZoneInfo(run.zone)
    began = 0
    for start in range(0, len(arrivals), 1000):
        chunk = arrivals[start : start + 1000]
        days = {a.entered_s: from_seconds(a.entered_s).astimezone(zone).date() for a in chunk}
        shared = [(days[a.entered_s], arm_of(run, document, a.member_id), a.depth) for a in chunk]
        cohorts = {of: cohort_of(run, document, track, *of).pk for of in set(shared)}
        rows = [
            (a.member_id, a.entered_s, cohorts[of]) for a, of in zip(chunk, shared, strict=True)
        ]
        began += _enrol_chunk(run, document, track, rows, since_s)
    return began


def enrol_audience(
    run: Run, document: Playbook, track: Track, *, entered_s: int, since_s: int
) -> int:
    """Start a pass for everybody in the track's audience, when the run starts; steps from `since_s` on."""
    inside = among(people_inside().filter(community_id=run.community_id)).order_by()
    sql, params = inside.values("member_id").query.sql_with_params()
    asked, given = _entry_rule(run, document, track, "m.member_id", from_seconds(entered_s))
    with connection.cursor() as cursor:
        where = f" WHERE {asked}" if asked else ""
        cursor.execute(
            f"SELECT m.member_id FROM ({sql}) AS m{where} ORDER BY 1",
            [*params, *given],
        )
        people = [Arrival(int(row[0]), entered_s) for row in cursor.fetchall()]
    return enrol(run, document, track, people, since_s=since_s)


def matching_arrivals(
    run: Run, document: Playbook, track: Track, arrivals: Sequence[Arrival]
) -> Sequence[Arrival]:
    """Those whom the entry's condition lets onto the track, asked at the last arrival. One statement."""
    if not arrivals:
        return arrivals
    latest = from_seconds(max(arrival.entered_s for arrival in arrivals))
    asked, given = _entry_rule(run, document, track, "v.member_id", latest)
    if not asked:
        return arrivals
    people, params = rowset({"member_id": "bigint"}, [(a.member_id,) for a in arrivals])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT v.member_id FROM ({people}) AS v WHERE {asked}", [*params, *given])
        let_in = {int(row[0]) for row in cursor.fetchall()}
    return [arrival for arrival in arrivals if arrival.member_id in let_in]


def _entry_rule(
    run: Run, document: Playbook, track: Track, member: str, now: datetime
) -> tuple[str, list[Any]]:
    """SQL of the track's entry condition for the member in the column; empty without one."""
    entry = track.entry
    trees: list[Any] = []
    if entry is not None and entry.when is not None:
        trees.append(entry.when)
    if entry is not None and entry.audience.startswith("segment:"):
        trees.append(entry.audience.removeprefix("segment:"))
    trees = [document.segments[t] if isinstance(t, str) else t for t in trees]
    if trees:
        note_asking(now, trees)
    return matches(trees, member, now=now, community_id=run.community_id, zone=run.zone)


def _enrol_chunk(
    run: Run,
    document: Playbook,
    track: Track,
    rows: Sequence[tuple[int, int, int]],
    since_s: int | None,
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
        since = "e.entered_s" if since_s is None else str(int(since_s))
        first = _FIRST.format(new=begun, parked=parked, since=since, grace=GRACE_S)
        cursor.execute(first, given)
    return len(new)


def cohort_of(
    run: Run, document: Playbook, track: Track, day: date, arm: str = "", depth: int = 0
) -> Cohort:
    """The cohort of people whose first local day is `day`, with its moments laid out."""
    cohort, is_new = Cohort.objects.get_or_create(
        run=run, track=track.key, day=day, made_at_shift=run.shifted_days, arm=arm, depth=depth
    )
    if is_new:
        CohortStep.objects.bulk_create(moments_of(run, document, cohort))
    return cohort


def moments_of(run: Run, document: Playbook, cohort: Cohort) -> list[CohortStep]:
    """Every moment of the track for this cohort, moved by what the run was moved since it began."""
    moved = run.shifted_days - cohort.made_at_shift
    anchor = anchor_of(run, document)
    day = cohort.day + timedelta(days=moved)
    found = [
        (known, moment)
        for known in steps_of(run.edition_id).values()
        if known.row.track == cohort.track and is_for_arm(known.document, document, cohort.arm)
        for written in known.document.moment.moments
        for moment in personal(written, anchor, day)
    ]
    places: list[int] = []
    waits: dict[str, int] = {}
    free = 0
    for known, _moment_of in found:
        places.append(free)
        free += 1
        if known.row.kind == "wait_for":  # takes two places: itself and its end
            waits.setdefault(known.row.code, places[-1])
            free += 1
    rows: list[CohortStep] = []
    for (known, moment), place in zip(found, places, strict=True):
        branch = _branch_of(known.document.after, waits)
        if branch is None:
            continue  # it follows a wait that this arm does not have
        rows.append(_moment(cohort, place, known, moment, moved, branch))
        if known.row.kind == "wait_for":
            rows.append(_time_out(cohort, place, known.row.pk, known.due.fields.within))
    return rows


def _branch_of(after: str | None, waits: dict[str, int]) -> dict[str, Any] | None:
    if after is None:
        return {}
    code, _dot, result = after.partition(".")
    if code not in waits:
        return None
    return {"wait_place": waits[code], "wait_result": 1 if result == "act" else 2}


def _moment(
    cohort: Cohort,
    place: int,
    known: Known,
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
        step_id=known.row.pk,
        at_s=found.at_s,
        after_s=after_s,
        is_chained=not counts_from_wait,
        closes_s=found.closes_s,
        depth=cohort.depth,
        **branch,
    )


def _time_out(cohort: Cohort, place: int, step_id: int, within: str) -> CohortStep:
    return CohortStep(
        cohort_id=cohort.pk,
        place=place + 1,
        step_id=step_id,
        after_s=seconds_of(within),
        depth=cohort.depth,
        wait_place=place,
        wait_result=3,
        is_chained=False,
    )
