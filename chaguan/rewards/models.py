"""The points ledger (积分): accounts, and the entries between them."""

from django.db import models

from chaguan.rewards.types import House


class Account(models.Model):
    """What one member holds in one community, or an account of the house there.

    `balance` is kept beside the entries by the same statements; `selectors.proof` compares the two.
    """

    community = models.ForeignKey(
        "communities.Community", on_delete=models.PROTECT, related_name="+"
    )
    member = models.ForeignKey(
        "people.Member", null=True, on_delete=models.PROTECT, related_name="+"
    )
    house = models.CharField(max_length=8, choices=[(h.value, h.value) for h in House], blank=True)
    balance = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "member"],
                condition=models.Q(member__isnull=False),
                name="rewards_one_account",
            ),
            models.UniqueConstraint(
                fields=["community", "house"],
                condition=models.Q(member__isnull=True),
                name="rewards_one_house_account",
            ),
            models.CheckConstraint(
                condition=models.Q(member__isnull=False, house="")
                | (models.Q(member__isnull=True) & ~models.Q(house="")),
                name="rewards_account_of_one",
            ),
            models.CheckConstraint(
                condition=models.Q(member__isnull=True) | models.Q(balance__gte=0),
                name="rewards_never_below_zero",
            ),
        ]
        indexes = [
            models.Index(fields=["community", "-balance"], name="rewards_by_balance"),
            models.Index(fields=["member"], name="rewards_of_member"),
        ]


class Entry(models.Model):
    """Points that moved from one account to another: balanced by its form, never edited, never deleted.

    Triggers in the database refuse UPDATE and DELETE. A wrong entry is answered by another one that
    names it in `corrects`. `event_id` is the fact that caused it, `key` the cause where there is none.
    """

    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries_out")
    target = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries_in")
    points = models.PositiveIntegerField()
    rule = models.CharField(max_length=40)
    reason = models.CharField(max_length=200, blank=True)
    event_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=160, null=True, unique=True)  # noqa: DJ001 -- NULL: by event
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT)
    day = models.DateField()  # local in the community's zone: caps count by it
    at = models.DateTimeField()
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "event_id"],
                condition=models.Q(event_id__isnull=False),
                name="rewards_once_per_event",
            ),
            models.CheckConstraint(
                condition=models.Q(points__gt=0), name="rewards_points_above_zero"
            ),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="rewards_two_accounts"
            ),
        ]
        indexes = [
            models.Index(fields=["target", "rule", "day"], name="rewards_capped"),
            models.Index(fields=["source", "at"], name="rewards_out"),
            models.Index(fields=["target", "at"], name="rewards_in"),
        ]
