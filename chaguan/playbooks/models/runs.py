"""Runs (执行): an edition on a community, the dated steps of its room tracks, and what wakes them."""

from django.conf import settings
from django.db import models

from chaguan.playbooks.models.editions import Edition, Step
from chaguan.playbooks.types import RunState, StepState


class Run(models.Model):
    """An edition on a community with an anchor. All local times are read in `zone`."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="runs")
    community = models.ForeignKey(
        "communities.Community", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in RunState], default="running"
    )
    zone = models.CharField(max_length=64)
    starts_on = models.DateField()  # D1
    starts_at = models.DateTimeField()  # H+0
    event_at = models.DateTimeField(null=True)  # E
    ends_at = models.DateTimeField(null=True)  # NULL: open-ended
    planned_until = models.DateField(null=True)  # dated steps exist up to this day
    shifted_days = models.IntegerField(default=0)
    values = models.JSONField(default=dict, blank=True)  # variables of its texts
    connector = models.CharField(max_length=32, blank=True)  # the channel of its private messages
    account_id = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    by = models.CharField(max_length=48)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["community", "state"], name="playbooks_run_open")]


class RunRole(models.Model):
    """Who holds a role in one run: a login or a member."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=24)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    member = models.ForeignKey(
        "people.Member", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "role"], name="playbooks_one_role")]


class SkippedStep(models.Model):
    """A step that a person took out of one run, with the reason."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="skipped_steps")
    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=48)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "step"], name="playbooks_skipped_once")
        ]


class Occurrence(models.Model):
    """One dated step of a room track. `slot` names the moment and never changes, so it exists once."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="occurrences")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    slot = models.CharField(max_length=48)
    is_calendar = models.BooleanField(
        default=False
    )  # a rule of the calendar: shifts leave it alone
    due_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in StepState], default="waiting"
    )
    reason = models.CharField(max_length=200, blank=True)
    member = models.ForeignKey(  # whose act fired it
        "people.Member", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    caused_by = models.BigIntegerField(null=True)
    depth = models.SmallIntegerField(default=0)
    effects = models.PositiveIntegerField(default=0)  # messages and assignments it made
    done_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "step", "slot"], name="playbooks_slot_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state="waiting"),
                name="playbooks_due",
            ),
            models.Index(fields=["run", "due_at"], name="playbooks_board"),
        ]


class Watch(models.Model):
    """What wakes a run: a fact (or a silence) that opens a step, brings people in or takes them off."""

    class Purpose(models.TextChoices):
        STEP = "step"
        ENTRY = "entry"
        STOP = "stop"
        SILENCE = "silence"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="watches")
    community_id = models.BigIntegerField()
    fact = models.CharField(max_length=64)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    step = models.ForeignKey(Step, null=True, on_delete=models.CASCADE, related_name="+")
    track = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200, blank=True)  # stop: why people leave the track
    delay_s = models.IntegerField(default=0)
    within_s = models.IntegerField(null=True)  # deadline after the fact
    window = models.JSONField(null=True)  # ["09:00", "21:00"]
    silence_s = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["fact", "community_id"], name="playbooks_watch_fact")]


class Tally(models.Model):
    """Counts of a personal step over all people of a run, kept by the advance itself."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tallies")
    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="+")
    due = models.PositiveIntegerField(default=0)  # people whose time came
    late = models.PositiveIntegerField(default=0)  # of those, missed by more than the policy allows

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="playbooks_tally_once")]
