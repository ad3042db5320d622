"""Taking due timers: off the timer table, and ready to be joined with the pass and the moment they belong to.

On SQLite they lie in a temporary table, so that the statements of a batch need not find the passes again; on
PostgreSQL they are one parameter, because a temporary table there costs more than it saves.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from chaguan.playbooks.engine.due import due_rows
from chaguan.playbooks.schedule import seconds

_BELONGING = (
    "e.run_id, e.member_id, e.cohort_id, e.entered_s, e.state, cs.step_id, cs.wait_place, cs.wait_result,"
    " cs.is_chained, cs.depth"
)
# Left joins: a timer whose moment is no longer laid out is taken too, and is nobody's step.
_JOINS = (
    "LEFT JOIN playbooks_enrolment AS e ON e.id = t.enrolment_id"
    " LEFT JOIN playbooks_cohortstep AS cs ON cs.cohort_id = e.cohort_id AND cs.place = t.place"
)
_ONLY = "AND enrolment_id IN (SELECT id FROM playbooks_enrolment WHERE run_id = {run:d})"
_FIRST = """
SELECT wake_s, enrolment_id, place FROM playbooks_timer WHERE wake_s <= %s {only}
ORDER BY wake_s, enrolment_id, place LIMIT %s
"""
_COLUMNS = (
    "wake_s, enrolment_id, place, run_id, member_id, cohort_id, entered_s, state, step_id, wait_place,"
    " wait_result, is_chained, depth"
)
_PAPER = f"CREATE TEMPORARY TABLE IF NOT EXISTS playbooks_due_now ({_COLUMNS})"
_LAID = f"""
INSERT INTO temp.playbooks_due_now ({_COLUMNS})
SELECT t.wake_s, t.enrolment_id, t.place, {_BELONGING} FROM ({_FIRST}) AS t {_JOINS}
"""
_UP_TO = """
DELETE FROM playbooks_timer WHERE (wake_s, enrolment_id, place) <= (
  SELECT wake_s, enrolment_id, place FROM temp.playbooks_due_now ORDER BY rowid DESC LIMIT 1
)
"""
_THESE = """
DELETE FROM playbooks_timer WHERE (wake_s, enrolment_id, place) IN (
  SELECT wake_s, enrolment_id, place FROM temp.playbooks_due_now
)
"""


@dataclass(frozen=True)
class Due:
    """Timers that were taken. `sql` yields them with their passes and moments; use as `FROM {sql} AS d`."""

    sql: str
    params: list[Any]
    count: int


def is_any_due(now: datetime) -> bool:
    """One index probe: what an idle worker asks over and over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM playbooks_timer WHERE wake_s <= %s LIMIT 1", [seconds(now)])
        return cursor.fetchone() is not None


def take(now: datetime, limit: int, run_id: int | None = None) -> Due:
    """Take up to `limit` due timers, the earliest first, with `run_id` only of that run. In a transaction."""
    only = _ONLY.format(run=run_id) if run_id is not None else ""
    if connection.vendor == "postgresql":
        return _taken_there(now, limit, only)
    with connection.cursor() as cursor:
        cursor.execute(_PAPER)
        cursor.execute("DELETE FROM temp.playbooks_due_now")
        cursor.execute(_LAID.format(only=only), [seconds(now), limit])
        count = int(cursor.rowcount)
        if count:
            cursor.execute(_THESE if only else _UP_TO)
    return Due("temp.playbooks_due_now", [], count)


def _taken_there(now: datetime, limit: int, only: str) -> Due:
    """On PostgreSQL, where two workers take different ones."""
    first = _FIRST.format(only=only)
    with connection.cursor() as cursor:
        # The statements of this batch are carried out as they are written: from the due rows outwards.
        cursor.execute(
            "SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1;"
            f" DELETE FROM playbooks_timer WHERE (wake_s, enrolment_id, place) IN ({first}"
            " FOR UPDATE SKIP LOCKED) RETURNING wake_s, enrolment_id, place",
            [seconds(now), limit],
        )
        while cursor.nextset():
            pass
        rows = list(cursor.fetchall())
    if not rows:
        return Due("", [], 0)
    sql, params = due_rows(rows)
    joined = f"(SELECT t.wake_s, t.enrolment_id, t.place, {_BELONGING} FROM ({sql}) AS t {_JOINS})"
    return Due(joined, params, len(rows))
