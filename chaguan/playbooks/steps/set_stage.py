"""Step: move people to a relation stage (关系阶段)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy

from chaguan.people.types import RelationStage
from chaguan.playbooks.contract import Fields, StepKind, Targets, steps


class StageFields(Fields):
    """`stage` is one of the seven; people further on stay where they are."""

    stage: RelationStage


class SetStage(StepKind):
    """Moves everybody of the audience up to the stage, with the run and step as evidence."""

    label = gettext_lazy("Move to a relation stage")
    fields = StageFields
    speaks = ""

    def faults(self, step: Any, fields: StageFields) -> Iterator[tuple[str, str]]:
        yield from ()

    def run(self, targets: Targets) -> int:
        raise NotImplementedError


steps.add("set_stage")(SetStage())
