"""Taking due timers: off the timer table, and laid beside the pass and the moment they belong to.

They lie in a temporary table, so that the statements of a batch need not find the passes again.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

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
_KEY = "wake_s, enrolment_id, place"
_FIRST = """
SELECT {columns} FROM playbooks_timer WHERE wake_s <= %s {only}
ORDER BY wake_s, enrolment_id, place LIMIT %s
"""
_TYPES = {
    "wake_s": "bigint", "enrolment_id": "bigint", "place": "smallint", "run_id": "bigint",
    "member_id": "bigint", "cohort_id": "bigint", "entered_s": "bigint", "state": "smallint",
    "step_id": "bigint", "wait_place": "smallint", "wait_result": "smallint", "is_chained": "boolean",
    "depth": "smallint",
}  # fmt: skip
_COLUMNS = ", ".join(_TYPES)
_PAPER = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS playbooks_due_now"
    f" ({', '.join(f'{name} {kind}' for name, kind in _TYPES.items())})"
)
_LAID = f"""
INSERT INTO {{paper}} ({_COLUMNS})
SELECT t.wake_s, t.enrolment_id, t.place, {_BELONGING} FROM ({{first}}) AS t {_JOINS}
"""
_UP_TO = """
DELETE FROM playbooks_timer WHERE (wake_s, enrolment_id, place) <= (
  SELECT wake_s, enrolment_id, place FROM temp.playbooks_due_now ORDER BY rowid DESC LIMIT 1
)
"""
# By their places in the file, or the planner reads the whole table to find them a second time. Timers are
# never updated, so a locked one stays where it is.
_TAKEN = f"""
WITH taken AS (
  DELETE FROM playbooks_timer WHERE ctid = ANY (ARRAY({_FIRST} FOR UPDATE SKIP LOCKED))
  RETURNING wake_s, enrolment_id, place
)
{_LAID.format(paper="playbooks_due_now", first="SELECT * FROM taken")}
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
    count: int


def is_any_due(now: datetime) -> bool:
    """One index probe: what an idle worker asks over and over."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST.format(columns="1", only=""), [seconds(now), 1])
        return cursor.fetchone() is not None


def take(now: datetime, limit: int, run_id: int | None = None) -> Due:
    """Take up to `limit` due timers, the earliest first, with `run_id` only of that run. In a transaction."""
    only = _ONLY.format(run=run_id) if run_id is not None else ""
    if connection.vendor == "postgresql":
        return _taken_there(now, limit, only)
    with connection.cursor() as cursor:
        cursor.execute(_PAPER)
        cursor.execute("DELETE FROM temp.playbooks_due_now")
        laid = _LAID.format(
            paper="temp.playbooks_due_now", first=_FIRST.format(columns=_KEY, only=only)
        )
        cursor.execute(laid, [seconds(now), limit])
        count = int(cursor.rowcount)
        if count:
            cursor.execute(_THESE if only else _UP_TO)
    return Due("temp.playbooks_due_now", count)


def _taken_there(now: datetime, limit: int, only: str) -> Due:
    """On PostgreSQL, where two workers take different ones."""
    with connection.cursor() as cursor:
        # The statements of this batch are carried out as they are written: from the due rows outwards.
        cursor.execute(
            "SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1;"
            f" {_PAPER} ON COMMIT DELETE ROWS; DELETE FROM playbooks_due_now"
        )
        cursor.execute(_TAKEN.format(columns="ctid", only=only), [seconds(now), limit])
        return Due("playbooks_due_now", int(cursor.rowcount))
