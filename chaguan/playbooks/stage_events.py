"""Facts about the plans of relation stages."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class StagePlanChanged(Event):
    """Somebody changed what a relation stage asks for, or the plan it starts."""

    name: ClassVar[str] = "playbooks.stage_plan_changed"
    title: ClassVar = _("Plan of a stage changed")

    stage: str
    playbook: str = ""
    starts_runs: bool = False


@dataclass(frozen=True)
class StagePlanStarted(Event):
    """A member moved into a stage and came onto the plan of that stage."""

    name: ClassVar[str] = "playbooks.stage_plan_started"
    title: ClassVar = _("Plan of the stage started")

    community_id: int
    member_id: int
    stage: str
    playbook: str
    run_id: int
