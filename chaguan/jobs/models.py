"""Leased rows for long work: imports, exports, roll-ups."""

from django.db import models


class Job(models.Model):
    """One piece of work. A worker leases it; a lease that runs out means the worker died."""

    class State(models.TextChoices):
        READY = "ready"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"  # tried `max_attempts` times; waits for a person
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=64)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    priority = models.SmallIntegerField(default=0)
    run_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    worker = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    dedup_key = models.CharField(max_length=160, blank=True)
    last_error = models.TextField(blank=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    progress_note = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dedup_key"],
                condition=models.Q(state__in=["ready", "running"]) & ~models.Q(dedup_key=""),
                name="jobs_one_open_per_key",
            )
        ]
        indexes = [
            models.Index(
                fields=["-priority", "run_after", "id"],
                condition=models.Q(state="ready"),
                name="jobs_ready",
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state="running"), name="jobs_leased"
            ),
        ]


class Occurrence(models.Model):
    """One due time of a schedule, taken once: the unique key is the proof."""

    schedule = models.CharField(max_length=64)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="jobs_occurrence_once")
        ]
