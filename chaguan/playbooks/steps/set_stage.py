"""Step: move people to a relation stage (关系阶段)."""

from django.utils.translation import gettext_lazy

from chaguan.kernel.actor import Actor
from chaguan.people.actions.stages import Evidence, raise_stages
from chaguan.people.types import RelationStage
from chaguan.playbooks.contract import Fields, StepKind, Targets, steps
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.engine.reached import members_reached

CLOCK = Actor.system("clock")


class StageFields(Fields):
    """`stage` is one of the seven; people further on stay where they are."""

    stage: RelationStage


class SetStage(StepKind):
    """Moves everybody of the audience up to the stage, with the run and step as evidence."""

    label = gettext_lazy("Move to a relation stage")
    fields = StageFields
    speaks = ""

    def run(self, targets: Targets) -> int:
        evidence = []
        reached = members_reached(targets)
        for due in targets.due:
            rule = f"playbook:{known_step(due.step_id).row.code}"[:60]
            evidence += [
                Evidence(
                    member_id=who.member_id,
                    stage=due.fields.stage.value,
                    rule=rule,
                    at=targets.now,
                    community_id=who.community_id,
                    cause=who.cause(targets.now),
                )
                for who in reached.get(due.step_id, ())
            ]
        return raise_stages(CLOCK, evidence) if evidence else 0


steps.add("set_stage")(SetStage())
