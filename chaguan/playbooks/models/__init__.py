"""Tables of the playbook engine, by noun."""

from chaguan.playbooks.models.assignments import Assignment
from chaguan.playbooks.models.editions import Edition, Playbook, Script, ScriptVersion, Step
from chaguan.playbooks.models.enrolments import (
    Cohort,
    CohortStep,
    Enrolment,
    Outcome,
    Timer,
    Wait,
)
from chaguan.playbooks.models.runs import Occurrence, Run, RunRole, SkippedStep, Tally, Watch

__all__ = [
    "Assignment",
    "Cohort",
    "CohortStep",
    "Edition",
    "Enrolment",
    "Occurrence",
    "Outcome",
    "Playbook",
    "Run",
    "RunRole",
    "Script",
    "ScriptVersion",
    "SkippedStep",
    "Step",
    "Tally",
    "Timer",
    "Wait",
    "Watch",
]
