"""Accounts at channels, the messages that came in, and imports of history."""

from django.conf import settings
from django.db import models


class Account(models.Model):
    """One configured connector (账号)."""

    connector = models.CharField(max_length=32)
    label = models.CharField(max_length=80)
    settings = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connector", "label"], name="channels_one_account")
        ]


class Message(models.Model):
    """What somebody said in a room. The text lives only here: retention and erasure act on this table."""

    room = models.ForeignKey("communities.Room", on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(
        "people.Member", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    external_id = models.CharField(max_length=160)
    at = models.DateTimeField()
    text = models.TextField()
    kind = models.CharField(max_length=12, default="text")  # text | action | image | file | notice
    reply_to = models.CharField(max_length=160, blank=True)  # external id in the same room
    is_bot = models.BooleanField(default=False)
    outbox_id = models.BigIntegerField(null=True)  # set when we said it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "external_id"], name="channels_one_message")
        ]
        indexes = [
            models.Index(fields=["room", "at", "id"], name="channels_room_page"),
        ]


class ImportRun(models.Model):
    """One file of history on its way in. Kept as the record of what was taken and what was not."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"  # format detected, sample shown, waits for a yes
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"  # what came before the failure is kept; it can be carried on
        CANCELLED = "cancelled"

    community = models.ForeignKey("communities.Community", null=True, on_delete=models.CASCADE)
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=500, blank=True)  # emptied with the file when all is in
    is_upload = models.BooleanField(
        default=True
    )  # ours to delete; False: a file named on the command line
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    format = models.CharField(max_length=32, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict, blank=True)  # CSV columns and the like
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    records_done = models.BigIntegerField(default=0)  # records committed; a resume skips them
    bytes_done = models.BigIntegerField(default=0)
    counts = models.JSONField(
        default=dict
    )  # messages, joins, leaves, members, duplicates, bad, skipped
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    problems = models.JSONField(default=list)  # first 200 bad lines: [line, reason, sample]
    error = models.TextField(blank=True)
    job_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sha256", "community"], name="channels_same_file")]


class DirectMessage(models.Model):
    """A message of ours to one member on our own pages: what a touch becomes there."""

    member = models.ForeignKey("people.Member", on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=200, unique=True)
    community_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    text = models.TextField()
    outbox_id = models.BigIntegerField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["member", "-at"], name="channels_direct_page")]


class Rehearsal(models.Model):
    """What the echo channel was given: the sandbox's visible record of what would have been sent."""

    account_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    room_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    text = models.TextField()
    at = models.DateTimeField()
    outbox_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "key"], name="channels_rehearsed_once")
        ]
        indexes = [models.Index(fields=["account_id", "-at"], name="channels_rehearsal_page")]
