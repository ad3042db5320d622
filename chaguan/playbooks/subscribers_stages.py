"""Moves on the relation ladder start the plan of the stage; the end of a camp ends its cohort's roles."""

from chaguan.communities.actions.roles import end_cohort_roles
from chaguan.communities.types import CommunityType
from chaguan.eventlog.contract import Batch, subscribe
from chaguan.kernel.actor import Actor
from chaguan.people.events import StageChanged
from chaguan.playbooks.actions.stage_plans import Move, begin_plans
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.events import RunEnded
from chaguan.playbooks.models import Run
from chaguan.playbooks.types import RunState

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


@subscribe("playbooks.cohort_roles", RunEnded)
def on_run_ended(batch: Batch) -> None:
    """Class teacher, assistant, monitor and committee go with the last run of a camp's playbook."""
    ended = Run.objects.filter(pk__in=[fact.data["run_id"] for fact in batch])
    cohorts = {run.community_id for run in ended if _is_cohort(run)}
    if not cohorts:
        return
    going_on = Run.objects.filter(
        community_id__in=cohorts, state__in=[RunState.RUNNING, RunState.PAUSED]
    )
    over = cohorts - {run.community_id for run in going_on if _is_cohort(run)}
    end_cohort_roles(Actor.system("clock"), sorted(over), now=max(fact.at for fact in batch))


def _is_cohort(run: Run) -> bool:
    return document_of(run.edition_id).for_ == (CommunityType.CAMP,)
