"""Assignments (人工任务): steps given to people, ticked with a note or a proof."""

from django.conf import settings
from django.db import models

from chaguan.playbooks.models.editions import Step
from chaguan.playbooks.models.enrolments import Enrolment
from chaguan.playbooks.models.runs import Occurrence, Run
from chaguan.playbooks.types import AssignmentState


class Assignment(models.Model):
    """One line on somebody's sheet. `key` names its cause, so it is given once."""

    key = models.CharField(max_length=120, unique=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="assignments")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(
        "communities.Community", on_delete=models.CASCADE, related_name="+"
    )
    occurrence = models.ForeignKey(Occurrence, null=True, on_delete=models.CASCADE)
    enrolment = models.ForeignKey(Enrolment, null=True, on_delete=models.CASCADE)
    role = models.CharField(max_length=24)
    user = models.ForeignKey(  # who does it: a login …
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    member = models.ForeignKey(  # … or a member
        "people.Member", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    about = models.ForeignKey(  # the person it is about
        "people.Member", null=True, on_delete=models.CASCADE, related_name="+"
    )
    due_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    is_late_question = models.BooleanField(default=False)  # asks whether a missed step still goes
    outbox_key = models.CharField(max_length=200, blank=True)  # the prepared message
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in AssignmentState], default="open"
    )
    note = models.TextField(blank=True)
    proof = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=48, blank=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=48, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["user", "due_at"], name="playbooks_sheet_user"),
            models.Index(fields=["member", "due_at"], name="playbooks_sheet_member"),
            models.Index(fields=["community", "due_at"], name="playbooks_sheet_place"),
            models.Index(
                fields=["outbox_key"],
                condition=~models.Q(outbox_key=""),
                name="playbooks_sheet_outbox",
            ),
        ]
