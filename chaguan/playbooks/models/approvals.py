"""Approvals (审核): what a second person decided about the messages of a sensitive step."""

from django.db import models

from chaguan.playbooks.models.editions import Step
from chaguan.playbooks.models.runs import Run


class Approval(models.Model):
    """One yes or no. `key` is the prepared message's key, or what the keys of all of them begin with."""

    class Decision(models.TextChoices):
        APPROVED = "approved"
        REFUSED = "refused"

    key = models.CharField(max_length=200, unique=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="approvals")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=48)  # who started the run
    decided_by = models.CharField(max_length=48)
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("asked_by")),
                name="playbooks_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="approved") | ~models.Q(reason=""),
                name="playbooks_refused_why",
            ),
        ]
