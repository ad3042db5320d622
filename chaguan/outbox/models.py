"""The outbox (待发): intents towards the outside, until done or given up."""

from django.db import models


class OutboxRow(models.Model):
    """One intent towards one target. `key` is built from its cause, so planning twice adds nothing."""

    class State(models.TextChoices):
        PLANNED = "planned"
        CLAIMED = "claimed"
        SENT = "sent"
        AWAITING_PERSON = "awaiting_person"
        SUPPRESSED = "suppressed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"
        FAILED = "failed"
        UNKNOWN = "unknown"

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=16)  # say | touch | moderate | welcome …
    connector = models.CharField(max_length=32)
    account_id = models.BigIntegerField()
    community_id = models.BigIntegerField(null=True)
    room_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    renderer = models.CharField(max_length=32, default="plain")
    payload = models.JSONField(default=dict)
    purpose = models.CharField(max_length=200, blank=True)
    is_promotion = models.BooleanField(default=False)
    is_urgent = models.BooleanField(default=False)
    needs_approval = models.BooleanField(default=False)
    priority = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(max_length=64, blank=True)  # code of why it is held, failed, …
    detail = models.TextField(blank=True)  # the vendor's answer or the error, for people
    text = models.TextField(blank=True)  # as rendered at claim time
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=40, blank=True)  # worker and attempt: fences the finish
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)  # set just before a call that cannot be repeated
    finished_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=48, blank=True)
    external_id = models.CharField(max_length=160, blank=True)
    caused_by = models.BigIntegerField(null=True)
    depth = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state="planned"),
                name="outbox_due",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state="claimed"),
                name="outbox_leased",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="awaiting_person", expires_at__isnull=False),
                name="outbox_waiting_end",
            ),
            models.Index(fields=["state", "due_at"], name="outbox_by_state"),
            models.Index(fields=["community_id", "due_at"], name="outbox_by_community"),
            models.Index(fields=["member_id", "due_at"], name="outbox_by_member"),
        ]


class Bucket(models.Model):
    """Tokens left for one account. In the database, so limits hold over restarts and workers."""

    account_id = models.BigIntegerField(primary_key=True)
    tokens = models.FloatField()
    filled_at = models.DateTimeField()
