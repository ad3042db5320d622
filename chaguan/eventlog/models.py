"""The event log (事实): append-only facts, and the readers that follow it."""

from django.db import models


class LoggedEvent(models.Model):
    """One fact. Rows are never changed, but for blanking the personal fields of an erased person.

    Ids of other tables are plain numbers: the log stands below them and outlives their rows.
    On PostgreSQL the table has one more column, `xact`, which orders rows by commit (ADR 0003).
    """

    source = models.CharField(max_length=80, default="chaguan")
    source_id = models.CharField(max_length=160, null=True)  # noqa: DJ001 -- NULL: no re-delivery
    name = models.CharField(max_length=64)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    community_id = models.BigIntegerField(null=True)
    room_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=48)
    caused_by = models.BigIntegerField(null=True)
    depth = models.SmallIntegerField(default=0)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "eventlog_event"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"],
                condition=models.Q(source_id__isnull=False),
                name="eventlog_one_row_per_source_id",
            )
        ]
        indexes = [
            models.Index(fields=["member_id", "at"], name="eventlog_by_member"),
            models.Index(fields=["community_id", "at"], name="eventlog_by_community"),
        ]


class Subscription(models.Model):
    """How far one subscriber has read. The row's lock is the subscriber's turn."""

    name = models.CharField(max_length=80)
    shard = models.PositiveSmallIntegerField(default=0)
    position = models.BigIntegerField(default=0)  # id of the last event read
    position_xact = models.BigIntegerField(default=0)  # PostgreSQL: its commit order
    moved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "shard"], name="eventlog_one_position")
        ]


class ParkedEvent(models.Model):
    """An event that one subscriber could not digest. It waits here for a person, the stream goes on."""

    class State(models.TextChoices):
        PARKED = "parked"
        RETRIED = "retried"
        DISMISSED = "dismissed"

    subscription = models.CharField(max_length=80)
    event = models.ForeignKey(LoggedEvent, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PARKED)
    error = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "event"], name="eventlog_parked_once")
        ]
        indexes = [models.Index(fields=["state", "parked_at"], name="eventlog_parked_open")]
