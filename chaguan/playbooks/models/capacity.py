"""Capacity (时间和精力): how many minutes a week a person has for the communities."""

from django.conf import settings
from django.db import models


class Capacity(models.Model):
    """What one person, a login or a member, can give in a week of Monday to Sunday."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    member = models.OneToOneField(
        "people.Member", null=True, on_delete=models.CASCADE, related_name="+"
    )
    minutes_per_week = models.PositiveIntegerField()
    by = models.CharField(max_length=48)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True, member__isnull=False)
                | models.Q(user__isnull=False, member__isnull=True),
                name="playbooks_capacity_whose",
            ),
            models.CheckConstraint(
                condition=models.Q(minutes_per_week__lte=7 * 24 * 60),
                name="playbooks_capacity_week",
            ),
        ]
