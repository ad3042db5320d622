"""Targets to outbox rows: one INSERT … SELECT for all of a kind."""

from django.db import connection

from chaguan.kernel.rowset import stored
from chaguan.outbox.actions import plan_query
from chaguan.playbooks.contract import Targets

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
        nothing = "NULL::timestamptz"
    else:
        payload = f"json_object({pairs})"
        due_at, now = "strftime('%%Y-%%m-%%d %%H:%%M:%%S', t.due_s, 'unixepoch')", "%s"
        nothing = "NULL"
    select = (
        "SELECT t.key, CASE WHEN t.room_id IS NULL THEN 'touch' ELSE 'say' END, t.connector,"
        " t.account_id, t.community_id, t.room_id, t.member_id,"
        f" '{RENDERER}', {payload}, s.purpose, s.is_promotion, s.is_urgent,"
        f" (s.needs_approval OR s.mode = 'assist'), 0, {due_at}, {nothing}, t.caused_by, t.depth, {now}"
        f" FROM ({targets.sql}) AS t"
        " JOIN playbooks_step AS s ON s.id = t.step_id JOIN playbooks_run AS h ON h.id = t.run_id"
        " LEFT JOIN playbooks_script AS w ON w.id = s.script_id"
        " WHERE s.mode <> 'human'"
    )
    return plan_query(select, [stored(targets.now), *targets.params])
