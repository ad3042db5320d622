"""Dated steps that a person put somewhere else than the document says."""

from django.db import models

from chaguan.playbooks.models.runs import Occurrence


class StepMove(models.Model):
    """Where a person put one dated step, and why. When the run moves, the step keeps its distance to it."""

    occurrence = models.OneToOneField(
        Occurrence, primary_key=True, on_delete=models.CASCADE, related_name="move"
    )
    at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=48)
    moved_at = models.DateTimeField()
