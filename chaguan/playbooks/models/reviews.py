"""Reviews (复盘) of runs that are over, the changes they propose, and the editions that came of them."""

from django.db import models
from django.db.models import Q

from chaguan.playbooks.models.editions import Edition
from chaguan.playbooks.models.runs import Run


class Review(models.Model):
    """What was, why, and what changes. A run is closed when its review is; `facts` begin as the report."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="review")
    facts = models.TextField(blank=True)
    causes = models.TextField(blank=True)
    no_changes_because = models.CharField(max_length=200, blank=True)
    edition = models.ForeignKey(Edition, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField()
    by = models.CharField(max_length=48)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | (~Q(facts="") & ~Q(causes="")),
                name="playbooks_closed_with_review",
            )
        ]


class ReviewChange(models.Model):
    """One change that a review proposes. `field` says what of the step; `value` is what it becomes.

    `drop` takes the step out and needs no value; `other` is a sentence that a person works into the
    playbook in the editor.
    """

    class Field(models.TextChoices):
        TEXT = "text"
        OFFSET = "offset"
        MINUTES = "minutes"
        PURPOSE = "purpose"
        INSTRUCTION = "instruction"
        DROP = "drop"
        OTHER = "other"

    class Decision(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="changes")
    step = models.CharField(max_length=32, blank=True)  # its id; empty: the playbook as a whole
    field = models.CharField(max_length=12, choices=Field.choices)
    value = models.TextField(blank=True)
    what = models.CharField(max_length=200)  # why, or what, in the reviewer's words
    decision = models.CharField(max_length=8, choices=Decision.choices, default="open")
    decided_by = models.CharField(max_length=48, blank=True)
    decided_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=48)
    at = models.DateTimeField()


class EditionCause(models.Model):
    """The run whose review led to an edition."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="cause")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="caused_editions")
