"""When people step in front of the automatic track: one member's talk taken over, one room set aside."""

from django.db import models

from chaguan.playbooks.models.runs import Run


class TakeOver(models.Model):
    """A person talks to a member of a community herself; ended ones stay as history."""

    member = models.ForeignKey("people.Member", on_delete=models.CASCADE, related_name="+")
    community = models.ForeignKey(
        "communities.Community", on_delete=models.CASCADE, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=48)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)  # NULL: still hers
    ended_by = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "community"],
                condition=models.Q(until__isnull=True),
                name="playbooks_one_takeover",
            )
        ]


class RoomPause(models.Model):
    """One room of a run stands still. After it the room's timeline is `days` behind the run's."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="room_pauses")
    room = models.ForeignKey("communities.Room", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=48)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)  # NULL: still paused
    days = models.PositiveSmallIntegerField(default=0)  # whole local days it stood still
    ended_by = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "room"],
                condition=models.Q(until__isnull=True),
                name="playbooks_one_room_pause",
            )
        ]
