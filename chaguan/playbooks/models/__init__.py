"""Tables of the playbook engine, by noun."""

from chaguan.playbooks.models.approvals import Approval
from chaguan.playbooks.models.assignments import Assignment
from chaguan.playbooks.models.capacity import Capacity
from chaguan.playbooks.models.drafts import Draft, DraftState
from chaguan.playbooks.models.editions import Edition, Playbook, Script, ScriptVersion, Step
from chaguan.playbooks.models.enrolments import (
    Cohort,
    CohortStep,
    Enrolment,
    Outcome,
    Timer,
    Wait,
)
from chaguan.playbooks.models.moves import StepMove
from chaguan.playbooks.models.proofs import ProofImage
from chaguan.playbooks.models.runs import Occurrence, Run, RunRole, SkippedStep, Tally, Watch
from chaguan.playbooks.models.takeover import RoomPause, TakeOver

__all__ = [
    "Approval",
    "Assignment",
    "Capacity",
    "Cohort",
    "CohortStep",
    "Draft",
    "DraftState",
    "Edition",
    "Enrolment",
    "Occurrence",
    "Outcome",
    "Playbook",
    "ProofImage",
    "RoomPause",
    "Run",
    "RunRole",
    "Script",
    "ScriptVersion",
    "SkippedStep",
    "Step",
    "StepMove",
    "TakeOver",
    "Tally",
    "Timer",
    "Wait",
    "Watch",
]
