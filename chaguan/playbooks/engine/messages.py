"""Targets to outbox rows: one INSERT … SELECT for all of a kind."""

from collections.abc import Sequence

from django.db import connection

from chaguan.kernel.rowset import stored
from chaguan.outbox.actions import plan_query
from chaguan.playbooks.contract import Targets
from chaguan.playbooks.engine.catalogue import Known, known_step
from chaguan.playbooks.moments import Deadline, Span

RENDERER = "script"


def plan_messages(targets: Targets) -> int:
    """Plan one message per target; returns the new ones. Steps for a human hand plan nothing."""
    is_postgres = connection.vendor == "postgresql"
    pairs = (
        "'run', t.run_id, 'step', t.step_id, 'version', w.current_id,"
        " 'enrolment', t.enrolment_id, 'occurrence', t.occurrence_id, 'due', t.due_s,"
        " 'second_person', s.needs_approval, 'started_by', h.by"
    )
    if is_postgres:
        payload = f"jsonb_build_object({pairs})"
        due_at, now = "to_timestamp(t.due_s)", "%s::timestamptz"
        ends_at = "to_timestamp({})"
    else:
        payload = f"json_object({pairs})"
        due_at, now = "strftime('%%Y-%%m-%%d %%H:%%M:%%S', t.due_s, 'unixepoch')", "%s"
        ends_at = "strftime('%%Y-%%m-%%d %%H:%%M:%%S', {}, 'unixepoch')"
    last_s = f"{_open_until([known_step(due.step_id) for due in targets.due])} + s.late_after_s"
    expires_at = f"CASE WHEN s.lateness = 'skip' THEN {ends_at.format(last_s)} END"
    select = (
        "SELECT t.key, CASE WHEN t.room_id IS NULL THEN 'touch' ELSE 'say' END, t.connector,"
        " t.account_id, t.community_id, t.room_id, t.member_id,"
        f" '{RENDERER}', {payload}, s.purpose, s.is_promotion, s.is_urgent,"
        f" (s.needs_approval OR s.mode = 'assist'), 0, {due_at}, {expires_at}, t.caused_by, t.depth, {now}"
        f" FROM ({targets.sql}) AS t"
        " JOIN playbooks_step AS s ON s.id = t.step_id JOIN playbooks_run AS h ON h.id = t.run_id"
        " LEFT JOIN playbooks_script AS w ON w.id = s.script_id"
        " WHERE s.mode <> 'human'"
    )
    return plan_query(select, [stored(targets.now), *targets.params])


_CLOSES = {
    "postgresql": "CAST(extract(epoch FROM o.closes_at) AS bigint)",
    "sqlite": "CAST(strftime('%%s', o.closes_at) AS integer)",
}


def _open_until(known: Sequence[Known]) -> str:
    """SQL: when a target's time is over, in seconds: the end of its window, else when it is due.

    Windows are looked up only where these steps may have one.
    """
    if not all(step.row.is_personal for step in known):
        closes = _CLOSES[connection.vendor]
        window = f"SELECT {closes} FROM playbooks_occurrence AS o WHERE o.id = t.occurrence_id"
        return f"coalesce(({window}), t.due_s)"
    moments = [moment for step in known for moment in step.document.moment.moments]
    if any(isinstance(moment, Span | Deadline) for moment in moments):
        window = (
            "SELECT c.closes_s FROM playbooks_enrolment AS e JOIN playbooks_cohortstep AS c"
            " ON c.cohort_id = e.cohort_id AND c.place = t.place WHERE e.id = t.enrolment_id"
        )
        return f"t.due_s + coalesce(({window}), 0)"
    return "t.due_s"
