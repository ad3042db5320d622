"""Condition: the relation stage (关系阶段) is one of these."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Choices, Operand, condition
from chaguan.people.words import STAGE_LABELS


def _stages(asking: Asking) -> Choices:
    return [(stage.value, label) for stage, label in STAGE_LABELS.items()]


@condition("stage")
class StageIs:
    label = _("Relation stage")
    sentence = _("stage is {stages}")
    operands = (Operand("stages", "choices", _("Stages"), _stages),)

    def is_walk(self, values: Mapping[str, Any]) -> bool:
        """The members of one stage come from an index in the order of their ids."""
        return len(values["stages"]) == 1

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        return Q(stage__in=values["stages"])
