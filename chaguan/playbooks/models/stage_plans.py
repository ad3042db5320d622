"""What each relation stage asks for (触达动作), and the plan that a move into it starts, once a person."""

from django.db import models

from chaguan.people.types import RelationStage
from chaguan.playbooks.models.editions import Playbook
from chaguan.playbooks.models.runs import Run


class StagePlan(models.Model):
    """One row of the matrix as this house changed it. No row: as shipped (presets/stage_matrix.yaml)."""

    stage = models.CharField(
        max_length=16, unique=True, choices=[(s.value, s.value) for s in RelationStage]
    )
    words = models.JSONField(default=dict)  # evidence, channel, actions, avoid, goal
    types = models.JSONField(default=list)  # community types it suits
    playbook = models.ForeignKey(Playbook, null=True, on_delete=models.SET_NULL, related_name="+")
    starts_runs = models.BooleanField(default=False)  # start a run where none is under way
    by = models.CharField(max_length=48)
    at = models.DateTimeField()


class StageStart(models.Model):
    """One person's move into a stage that has a plan: on it, or waiting with the reason."""

    class State(models.TextChoices):
        STARTED = "started"
        WAITING = "waiting"

    member = models.ForeignKey("people.Member", on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=16)
    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)
    reason = models.CharField(max_length=200, blank=True)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    event_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "stage", "playbook"], name="playbooks_stage_plan_once"
            )
        ]
        indexes = [models.Index(fields=["stage", "state", "id"], name="playbooks_stage_starts")]
