"""Advancing personal tracks: due timers become messages, assignments and the next timers, in sets.

A handful of statements for two thousand due people of a step, whatever is waiting: take, count, plan, assign,
wait on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from chaguan.playbooks.contract import Targets, steps
from chaguan.playbooks.engine import waits
from chaguan.playbooks.engine.asking import matches_in
from chaguan.playbooks.engine.assigning import assign_people
from chaguan.playbooks.engine.catalogue import (
    Known,
    known_step,
    matches,
    place_of_run,
    remember_place,
)
from chaguan.playbooks.engine.likeness import note_asking
from chaguan.playbooks.engine.taking import Due, is_any_due, take
from chaguan.playbooks.schedule import seconds

BATCH = 2000
SHIFT = 1024  # places per track fit below: (instant, place) is one number in SQL

_JOINED = """
FROM {due} AS d
JOIN playbooks_step AS s ON s.id = d.step_id
JOIN playbooks_run AS r ON r.id = d.run_id
"""
_STANDING = """
d.state <> 2 AND s.needs = ''
AND NOT EXISTS (
  SELECT 1 FROM playbooks_skippedstep AS k WHERE k.run_id = d.run_id AND k.step_id = s.id
)
AND (d.wait_result IS NULL OR NOT d.is_chained OR EXISTS (
  SELECT 1 FROM playbooks_outcome AS o
  WHERE o.enrolment_id = d.enrolment_id AND o.place = d.wait_place AND o.result = d.wait_result
))
"""
_COUNT = """
INSERT INTO playbooks_tally (run_id, step_id, due, late)
SELECT d.run_id, s.id, sum(CASE WHEN d.wait_result = 3 THEN 0 ELSE 1 END),
  sum(CASE WHEN d.wake_s < %s - s.late_after_s THEN 1 ELSE 0 END)
{joined} WHERE d.state <> 2 GROUP BY d.run_id, s.id
ON CONFLICT (run_id, step_id) DO UPDATE SET
  due = playbooks_tally.due + excluded.due, late = playbooks_tally.late + excluded.late
RETURNING run_id, step_id,
  (SELECT r.community_id FROM playbooks_run AS r WHERE r.id = playbooks_tally.run_id),
  (SELECT r.zone FROM playbooks_run AS r WHERE r.id = playbooks_tally.run_id)
"""
# People of one cohort who came at one instant have the same next moment: it is looked for once per group.
_ON = """
INSERT INTO playbooks_timer (wake_s, enrolment_id, place)
WITH here AS MATERIALIZED (
  SELECT d.enrolment_id AS id, d.cohort_id, d.entered_s, d.wake_s * {shift} + d.place AS k
  FROM {due} AS d WHERE d.state <> 2 AND d.is_chained
), groups AS MATERIALIZED (
  SELECT h.cohort_id, h.entered_s, h.k, (
    SELECT min(coalesce(c.at_s, h.entered_s + c.after_s) * {shift} + c.place)
    FROM playbooks_cohortstep AS c WHERE c.cohort_id = h.cohort_id AND c.is_chained
    AND coalesce(c.at_s, h.entered_s + c.after_s) * {shift} + c.place > h.k
  ) AS next_k
  FROM (SELECT DISTINCT cohort_id, entered_s, k FROM here) AS h
)
SELECT g.next_k / {shift}, h.id, g.next_k %% {shift}
FROM here AS h JOIN groups AS g ON g.cohort_id = h.cohort_id AND g.entered_s = h.entered_s AND g.k = h.k
WHERE g.next_k IS NOT NULL
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Batch:
    """Due timers that were taken, and which steps of which runs they belong to."""

    due: Due
    now_s: int
    steps: dict[int, Known]
    pairs: Sequence[tuple[int, int]]  # (run, step)

    @property
    def joined(self) -> str:
        return _JOINED.format(due=self.due.sql)


def advance_people(now: datetime, *, limit: int = BATCH, run_id: int | None = None) -> int:
    """Carry out up to `limit` due timers; returns how many. Two workers never take the same ones.

    With `run_id` only of that run: for previews.
    """
    if not is_any_due(now):
        return 0
    with transaction.atomic():
        due = take(now, limit, run_id)
        if due.count:
            _carry_out(_counted(due, now), now)
        return due.count


def _carry_out(batch: Batch, now: datetime) -> None:
    for kind in sorted({known.row.kind for known in batch.steps.values()}):
        _run_kind(kind, batch, now)
    _assign(batch, now)
    waits.time_out(batch.joined, batch.steps)
    went_on = _wait_on(batch)
    if went_on < batch.due.count:
        _finish(batch, now)


def runs_due(now: datetime) -> list[int]:
    """Runs of the next batch of due timers: to find the one that fails. One statement."""
    sql = (
        "SELECT DISTINCT e.run_id FROM (SELECT enrolment_id FROM playbooks_timer WHERE wake_s <= %s"
        " ORDER BY wake_s, enrolment_id, place LIMIT %s) AS d"
        " JOIN playbooks_enrolment AS e ON e.id = d.enrolment_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [seconds(now), BATCH])
        return [int(run_id) for (run_id,) in cursor.fetchall()]


def _counted(due: Due, now: datetime) -> Batch:
    """Count the due people per run and step, which also tells which steps these are."""
    now_s = seconds(now)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(joined=_JOINED.format(due=due.sql)), [now_s])
        counted = cursor.fetchall()
    for run, _step, community, zone in counted:
        remember_place(int(run), int(community), str(zone))
    pairs = [(int(run), int(step)) for run, step, _community, _zone in counted]
    known = {step: known_step(step) for _run, step in pairs}
    return Batch(due, now_s, known, pairs)


def people_due(batch: Batch, where: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
    """SELECT of TARGET_COLUMNS for the due people that `where` lets through."""
    select = (
        "SELECT 'run:' || d.run_id || '/' || s.code || '/e' || d.enrolment_id || '/' || d.place || '/m' AS key,"
        " d.run_id AS run_id, s.id AS step_id, d.enrolment_id AS enrolment_id, d.place AS place,"
        " CAST(NULL AS bigint) AS occurrence_id, r.community_id AS community_id,"
        " CAST(NULL AS bigint) AS room_id, d.member_id AS member_id, r.connector AS connector,"
        " r.account_id AS account_id, d.wake_s AS due_s, CAST(NULL AS bigint) AS caused_by, d.depth AS depth"
        f" {batch.joined} WHERE {_STANDING} AND {where}"
    )
    return select, [*params]


def conditions_of(batch: Batch, step_ids: Sequence[int], now: datetime) -> tuple[str, list[Any]]:
    """SQL that lets through the people whose step has no condition, or who match it.

    Runs of one step and one zone share one piece of SQL, so a batch over a thousand communities stays short.
    """
    asked = [step for step in step_ids if batch.steps[step].trees]
    if not asked:
        return "TRUE" if connection.vendor == "postgresql" else "1", []
    note_asking(now, [tree for step in asked for tree in batch.steps[step].trees])
    free = [step for step in step_ids if step not in asked]
    parts, params = ([f"s.id IN ({_numbers(free)})"], []) if free else ([], [])
    for (step_id, zone), runs in _places(batch, asked).items():
        trees = batch.steps[step_id].trees
        shared = matches_in(trees, "d.member_id", "r.community_id", now=now, zone=zone)
        if shared is not None:
            ids = _numbers([run for run, _community in runs])
            parts.append(f"(s.id = {step_id:d} AND d.run_id IN ({ids}) AND {shared[0]})")
            params.extend(shared[1])
            continue
        for run_id, community_id in runs:
            sql, given = matches(
                trees, "d.member_id", now=now, community_id=community_id, zone=zone
            )
            parts.append(f"(s.id = {step_id:d} AND d.run_id = {run_id:d} AND {sql})")
            params.extend(given)
    return f"({' OR '.join(parts)})", params


def _places(batch: Batch, step_ids: Sequence[int]) -> dict[tuple[int, str], list[tuple[int, int]]]:
    """(step, zone) to the (run, community) pairs of the batch."""
    found: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for run_id, step_id in batch.pairs:
        if step_id in step_ids:
            community_id, zone = place_of_run(run_id)
            found[step_id, zone].append((run_id, community_id))
    return found


def _numbers(values: Sequence[int]) -> str:
    return ", ".join(f"{value:d}" for value in values)


def _run_kind(kind: str, batch: Batch, now: datetime) -> None:
    mine = [step for step, known in batch.steps.items() if known.row.kind == kind]
    where, params = conditions_of(batch, mine, now)
    where = (
        f"s.id IN ({_numbers(mine)}) AND coalesce(d.wait_result, 0) <> 3"
        f" AND (s.lateness = 'send' OR d.wake_s >= {batch.now_s:d} - s.late_after_s) AND {where}"
    )
    sql, given = people_due(batch, where, params)
    due = [batch.steps[step].due for step in mine]
    steps.get(kind).run(Targets(sql, tuple(given), due, now))


def _assign(batch: Batch, now: datetime) -> None:
    """Lines on people's sheets: what a person does or approves, and late steps somebody decides on."""
    mine = [
        step
        for step, known in batch.steps.items()
        if known.row.mode != "auto" or known.row.kind == "assign" or known.row.needs_approval
    ]
    asking = [step for step, known in batch.steps.items() if known.row.lateness == "ask"]
    if not mine and not asking:
        return
    both = sorted({*mine, *asking})
    where, params = conditions_of(batch, both, now)
    is_late = f"d.wake_s < {batch.now_s:d} - s.late_after_s"
    parts = []
    if mine:
        parts.append(f"(s.id IN ({_numbers(mine)}) AND (s.lateness = 'send' OR NOT {is_late}))")
    if asking:
        parts.append(f"(s.id IN ({_numbers(asking)}) AND {is_late})")
    sql, given = people_due(batch, f"({' OR '.join(parts)}) AND {where}", params)
    assign_people(sql, given, now)


def _wait_on(batch: Batch) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ON.format(shift=SHIFT, due=batch.due.sql), [])
        return int(cursor.rowcount)


def _finish(batch: Batch, now: datetime) -> None:
    """Close the passes that have nothing left to come."""
    sql = (
        "UPDATE playbooks_enrolment SET state = 1, ended_s = %s WHERE state = 0"
        f" AND id IN (SELECT d.enrolment_id FROM {batch.due.sql} AS d)"
        " AND NOT EXISTS (SELECT 1 FROM playbooks_cohortstep AS c"
        " WHERE c.cohort_id = playbooks_enrolment.cohort_id AND c.is_chained"
        f" AND coalesce(c.at_s, playbooks_enrolment.entered_s + c.after_s) > {batch.now_s:d})"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [batch.now_s])
