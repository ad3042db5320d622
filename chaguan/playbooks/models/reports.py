"""What people report: ratings by members, the day's report by operators, and exceptions until closed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from chaguan.playbooks.models.runs import Run


class RunRating(models.Model):
    """One member's answer to one question about a run. NULL stars: she passed it over."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="ratings")
    member = models.ForeignKey("people.Member", on_delete=models.CASCADE, related_name="+")
    stars = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "member"], name="playbooks_one_rating"),
            models.CheckConstraint(
                condition=Q(stars__isnull=True) | Q(stars__gte=1, stars__lte=5),
                name="playbooks_rating_stars",
            ),
        ]


class DayReport(models.Model):
    """The report of one local day, of a community or of an operator. A draft until it is handed in.

    A draft is told anew from what is kept whenever it is looked at; `told` is what it said when it was
    handed in.
    """

    community = models.ForeignKey(
        "communities.Community", null=True, on_delete=models.CASCADE, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField()
    zone = models.CharField(max_length=64)
    drafted_at = models.DateTimeField()
    note = models.TextField(blank=True)
    told = models.JSONField(null=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "day"],
                condition=Q(user__isnull=True),
                name="playbooks_day_of_place",
            ),
            models.UniqueConstraint(
                fields=["user", "day"],
                condition=Q(community__isnull=True),
                name="playbooks_day_of_person",
            ),
            models.CheckConstraint(
                condition=Q(community__isnull=True, user__isnull=False)
                | Q(community__isnull=False, user__isnull=True),
                name="playbooks_day_of_whom",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(told__isnull=False),
                name="playbooks_day_told",
            ),
        ]


class Trouble(models.Model):
    """An exception (异常): something off the plan, filed with what to do about it, open until closed."""

    community = models.ForeignKey(
        "communities.Community", on_delete=models.CASCADE, related_name="+"
    )
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    day = models.DateField()
    what = models.TextField()
    proposal = models.TextField()
    by = models.CharField(max_length=48)
    at = models.DateTimeField()
    outcome = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(proposal=""), name="playbooks_trouble_proposal"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | ~Q(outcome=""),
                name="playbooks_trouble_closed_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["community", "at"],
                condition=Q(closed_at__isnull=True),
                name="playbooks_trouble_open",
            )
        ]
