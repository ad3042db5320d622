"""Rests of pushes (推送歇息): recurrent promotions stand still where people had enough of them."""

from django.db import models


class PushRest(models.Model):
    """One rest of one community: why, in figures, until when, and who ended it earlier."""

    class Why(models.TextChoices):
        LEAVES = "leaves"  # people left, or asked for quiet, right after promotions
        REPLIES = "replies"  # far fewer people say something after them

    community = models.ForeignKey(
        "communities.Community", on_delete=models.CASCADE, related_name="+"
    )
    why = models.CharField(max_length=8, choices=Why.choices)
    now_count = models.PositiveIntegerField()  # people who left; or who answered lately
    was_count = models.PositiveIntegerField(default=0)  # people who answered in the days before
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # by the clock, or by a person with a reason
    ended_by = models.CharField(max_length=48, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community"],
                condition=models.Q(ended_at__isnull=True),
                name="playbooks_one_push_rest",
            )
        ]
