"""Tables of the playbook engine, by noun."""

from chaguan.playbooks.models.approvals import Approval
from chaguan.playbooks.models.assignments import Assignment
from chaguan.playbooks.models.broadcasts import Broadcast, BroadcastTarget
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
from chaguan.playbooks.models.handovers import Ending, Handover
from chaguan.playbooks.models.moves import StepMove
from chaguan.playbooks.models.planned_items import PlannedItem
from chaguan.playbooks.models.proofs import ProofImage
from chaguan.playbooks.models.pushes import PushRest
from chaguan.playbooks.models.reports import DayReport, RunRating, Trouble
from chaguan.playbooks.models.reviews import EditionCause, Review, ReviewChange
from chaguan.playbooks.models.runs import Occurrence, Run, RunRole, SkippedStep, Tally, Watch
from chaguan.playbooks.models.stage_plans import StagePlan, StageStart
from chaguan.playbooks.models.takeover import RoomPause, TakeOver

__all__ = [
    "Approval",
    "Assignment",
    "Broadcast",
    "BroadcastTarget",
    "Capacity",
    "Cohort",
    "CohortStep",
    "DayReport",
    "Draft",
    "DraftState",
    "Edition",
    "EditionCause",
    "Ending",
    "Enrolment",
    "Handover",
    "Occurrence",
    "Outcome",
    "PlannedItem",
    "Playbook",
    "ProofImage",
    "PushRest",
    "Review",
    "ReviewChange",
    "RoomPause",
    "Run",
    "RunRating",
    "RunRole",
    "Script",
    "ScriptVersion",
    "SkippedStep",
    "StagePlan",
    "StageStart",
    "Step",
    "StepMove",
    "TakeOver",
    "Tally",
    "Timer",
    "Trouble",
    "Wait",
    "Watch",
]
