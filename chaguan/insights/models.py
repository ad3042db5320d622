"""Health of communities with its history, and the editions of definitions."""

from django.conf import settings
from django.db import models

from chaguan.insights.types import HealthState

STATES = [(state.value, state.value) for state in HealthState]


class CommunityHealth(models.Model):
    """The condition of one community as last computed, with the numbers it follows from.

    `reasons` is a list of {"code": …, "numbers": {…}}; `components` everything that was measured.
    """

    community = models.OneToOneField("communities.Community", on_delete=models.CASCADE)
    state = models.CharField(max_length=12, choices=STATES)
    since = models.DateTimeField()  # when it was first found in this state
    computed_at = models.DateTimeField()
    edition = models.CharField(max_length=12)  # of the definition that was used
    reasons = models.JSONField(default=list)
    components = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["state", "since"], name="insights_by_state")]


class HealthChange(models.Model):
    """One change of a community's condition. Rows are never edited."""

    community = models.ForeignKey("communities.Community", on_delete=models.CASCADE)
    at = models.DateTimeField()
    old = models.CharField(max_length=12, blank=True)  # empty: the first time it was looked at
    new = models.CharField(max_length=12, choices=STATES)
    edition = models.CharField(max_length=12)
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "at"], name="insights_one_change_at_once")
        ]


class DefinitionEdition(models.Model):
    """A changed set of windows of a metric (or of "health"). Rows are never edited: a change is a new one.

    It holds for periods that end after `valid_from`; older periods keep the edition that was in force.
    """

    code = models.CharField(max_length=40)
    number = models.PositiveIntegerField()  # 1, 2, …; the shipped definition is number 0
    base_version = models.PositiveIntegerField()  # version of the code's definition it changes
    windows = models.JSONField()
    valid_from = models.DateTimeField()
    note = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="insights_one_edition")
        ]
        indexes = [models.Index(fields=["code", "valid_from"], name="insights_editions")]
