"""Moves on the relation ladder start the plan of the stage (关系阶段 → 触达计划)."""

from chaguan.eventlog.contract import Batch, subscribe
from chaguan.people.events import StageChanged
from chaguan.playbooks.actions.stage_plans import Move, begin_plans

HISTORY = "system:import"


@subscribe("playbooks.stage_plans", StageChanged)
def on_stage_changed(batch: Batch) -> None:
    """Start plans for those who moved. Imported history starts nothing: it was long ago."""
    begin_plans(
        [
            Move(fact.member_id, fact.data["new"], fact.id, fact.at, fact.community_id)
            for fact in batch
            if fact.member_id is not None and fact.depth < 8 and not fact.actor.startswith(HISTORY)
        ]
    )
