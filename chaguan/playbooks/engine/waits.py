"""Waits: opened by a step, ended by a fact about the member or by time, followed by one of two branches."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from chaguan.eventlog.contract import Logged
from chaguan.kernel.rowset import rowset
from chaguan.playbooks.contract import Targets
from chaguan.playbooks.engine.catalogue import Known
from chaguan.playbooks.models import Outcome
from chaguan.playbooks.schedule import seconds

IS_TIMEOUT = 3  # CohortStep.wait_result of the moment when a wait runs out

_OPEN = """
INSERT INTO playbooks_wait (fact, member_id, enrolment_id, place)
SELECT f.fact, t.member_id, t.enrolment_id, t.place
FROM ({targets}) AS t JOIN ({facts}) AS f ON f.step_id = t.step_id
WHERE true ON CONFLICT DO NOTHING
"""
_OPEN_TIMER = """
INSERT INTO playbooks_timer (wake_s, enrolment_id, place)
SELECT t.due_s + c.after_s, t.enrolment_id, c.place
FROM ({targets}) AS t
JOIN playbooks_enrolment AS e ON e.id = t.enrolment_id
JOIN playbooks_cohortstep AS c ON c.cohort_id = e.cohort_id AND c.wait_place = t.place
  AND c.wait_result = 3
WHERE true ON CONFLICT DO NOTHING
"""
_TIMED_OUT = """
INSERT INTO playbooks_outcome (enrolment_id, place, result, at_s)
SELECT d.enrolment_id, d.wait_place, 2, d.wake_s {joined}
WHERE d.state <> 2 AND d.wait_result = 3
ON CONFLICT DO NOTHING RETURNING enrolment_id, place, at_s
"""
# Cast, because SQLite seeks by a key only what has the column's type; what comes out of JSON has none.
_CLOSE = """
DELETE FROM playbooks_wait WHERE (fact, member_id, enrolment_id, place) IN (
  SELECT CAST(f.fact AS text), e.member_id, e.id, CAST(v.place AS integer)
  FROM ({ended}) AS v JOIN playbooks_enrolment AS e ON e.id = v.enrolment_id CROSS JOIN ({facts}) AS f
)
"""
_ACTED = """
DELETE FROM playbooks_wait WHERE (fact, member_id) IN (
  SELECT CAST(v.fact AS text), CAST(v.member_id AS bigint) FROM ({acts}) AS v
)
RETURNING fact, member_id, enrolment_id, place
"""
_OUTCOME = """
INSERT INTO playbooks_outcome (enrolment_id, place, result, at_s, event_id)
SELECT enrolment_id, place, 1, at_s, event_id FROM ({ended}) AS v
WHERE true ON CONFLICT DO NOTHING RETURNING enrolment_id, place, at_s
"""
_BRANCH = """
INSERT INTO playbooks_timer (wake_s, enrolment_id, place)
SELECT v.at_s + c.after_s, e.id, c.place
FROM ({ended}) AS v
JOIN playbooks_enrolment AS e ON e.id = v.enrolment_id
JOIN playbooks_cohortstep AS c ON c.cohort_id = e.cohort_id AND c.wait_place = v.place
  AND c.wait_result = {result} AND NOT c.is_chained
WHERE e.state <> 2 ON CONFLICT DO NOTHING
"""
# The three above in one, for PostgreSQL, where round trips and plans cost more than what they find.
_ACT_BY_ACT = f"""
WITH v AS MATERIALIZED ({{acts}}), ended AS (
  DELETE FROM playbooks_wait AS w USING v WHERE w.fact = v.fact AND w.member_id = v.member_id
  RETURNING w.enrolment_id, w.place, v.at_s, v.event_id
), new AS (
  {_OUTCOME.format(ended="SELECT * FROM ended")}
), begun AS (
  {_BRANCH.format(ended="SELECT * FROM new", result=Outcome.Result.ACT.value)}
)
SELECT count(*) FROM new
"""
_ENDED = {"enrolment_id": "bigint", "place": "integer", "at_s": "bigint"}


def open_waits(targets: Targets) -> int:
    """Start waiting for all targets: the wait rows and the timers of their time-outs."""
    facts, given = rowset(
        {"step_id": "bigint", "fact": "text"},
        [(due.step_id, due.fields.fact) for due in targets.due],
    )
    opened = _run(_OPEN.format(targets=targets.sql, facts=facts), [*targets.params, *given])
    _run(_OPEN_TIMER.format(targets=targets.sql), targets.params)
    return opened


def time_out(joined: str, known: Mapping[int, Known]) -> None:
    """End the waits whose time ran out among the due timers, and start their other branch."""
    facts = {k.due.fields.fact for k in known.values() if k.row.kind == "wait_for"}
    if not facts:
        return
    ended = _rows(_TIMED_OUT.format(joined=joined), [])
    if not ended:
        return
    sql, given = rowset(_ENDED, ended)
    names, named = rowset({"fact": "text"}, [(fact,) for fact in sorted(facts)])
    _run(_CLOSE.format(ended=sql, facts=names), [*given, *named])
    _run(_BRANCH.format(ended=sql, result=2), given)


def wake(batch: Sequence[Logged]) -> int:
    """End the waits that these facts fulfil, found by the index; returns how many enrolments woke."""
    acts = {(fact.name, fact.member_id): fact for fact in batch if fact.member_id is not None}
    if not acts:
        return 0
    if connection.vendor == "postgresql":
        return _woken_at_once(acts)
    sql, given = rowset({"fact": "text", "member_id": "bigint"}, list(acts))
    woken = _rows(_ACTED.format(acts=sql), given)
    if not woken:
        return 0
    ended = [
        (enrolment, place, seconds(acts[name, member].at), acts[name, member].id)
        for name, member, enrolment, place in woken
    ]
    sql, given = rowset({**_ENDED, "event_id": "bigint"}, ended)
    new = _rows(_OUTCOME.format(ended=sql), given)
    if new:
        sql, given = rowset(_ENDED, new)
        _run(_BRANCH.format(ended=sql, result=Outcome.Result.ACT.value), given)
    return len(new)


def _woken_at_once(acts: Mapping[tuple[str, int], Logged]) -> int:
    columns = {"fact": "text", "member_id": "bigint", "at_s": "bigint", "event_id": "bigint"}
    rows = [(name, member, seconds(fact.at), fact.id) for (name, member), fact in acts.items()]
    sql, given = rowset(columns, rows)
    [(woken,)] = _rows(_ACT_BY_ACT.format(acts=sql), given)
    return int(woken)


def _run(sql: str, params: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
