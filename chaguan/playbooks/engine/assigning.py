"""Due steps to assignments: one INSERT … SELECT, with the person that the run's roles name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from chaguan.kernel.rowset import stored
from chaguan.playbooks.schedule import seconds

_ASSIGN = """
INSERT INTO playbooks_assignment (
  key, run_id, step_id, community_id, occurrence_id, enrolment_id, role, user_id, member_id,
  about_id, due_at, closes_at, is_late_question, outbox_key, state, note, proof, done_by,
  checked_by, created_at
)
SELECT t.key, t.run_id, t.step_id, t.community_id, t.occurrence_id, t.enrolment_id,
  CASE WHEN s.actor IN ('system', 'member') THEN 'operator' ELSE s.actor END,
  h.user_id, h.member_id, t.member_id, {due_at}, {closes_at},
  (s.lateness = 'ask' AND t.due_s < {now_s} - s.late_after_s),
  CASE WHEN s.mode <> 'human' AND s.kind IN ('say', 'touch', 'ask_check_in')
    THEN t.key ELSE '' END,
  'open', '', '', '', '', {now}
FROM ({targets}) AS t
JOIN playbooks_step AS s ON s.id = t.step_id
LEFT JOIN playbooks_occurrence AS o ON o.id = t.occurrence_id
LEFT JOIN playbooks_enrolment AS e ON e.id = t.enrolment_id
LEFT JOIN playbooks_cohortstep AS c ON c.cohort_id = e.cohort_id AND c.place = t.place
LEFT JOIN playbooks_runrole AS h ON h.run_id = t.run_id AND h.role =
  CASE WHEN s.actor IN ('system', 'member') THEN 'operator' ELSE s.actor END
WHERE true
ON CONFLICT (key) DO NOTHING
"""


def assign_people(targets: str, params: Sequence[Any], now: datetime) -> int:
    """Give one assignment per target (a SELECT of TARGET_COLUMNS); returns how many were new.

    Steps of the system that need a yes go to the operator.
    """
    is_postgres = connection.vendor == "postgresql"
    instant = (
        "to_timestamp({})"
        if is_postgres
        else "strftime('%%Y-%%m-%%d %%H:%%M:%%S', {}, 'unixepoch')"
    )
    sql = _ASSIGN.format(
        targets=targets,
        due_at=instant.format("t.due_s"),
        closes_at=f"coalesce(o.closes_at, {instant.format('t.due_s + c.closes_s')})",
        now="%s::timestamptz" if is_postgres else "%s",
        now_s=seconds(now),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [stored(now), *params])
        return int(cursor.rowcount)
