"""Daily sign-ins (签到), make-up cards (补签卡), and check-ins (打卡) that somebody asked for."""

from django.db import models

from chaguan.engagement.types import SignInWay


class SignIn(models.Model):
    """One member, one community, one local day in the community's zone.

    `streak_days` counts the unbroken days ending at `day`; a made-up day joins the runs on both sides.
    """

    community = models.ForeignKey(
        "communities.Community", on_delete=models.PROTECT, related_name="+"
    )
    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    at = models.DateTimeField()
    way = models.CharField(max_length=8, choices=[(w.value, w.value) for w in SignInWay])
    streak_days = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "member", "day"], name="engagement_one_sign_in_a_day"
            )
        ]
        indexes = [
            models.Index(fields=["community", "day", "streak_days"], name="engagement_by_day"),
            models.Index(fields=["member", "day"], name="engagement_sign_ins_of"),
        ]


class MakeUpCard(models.Model):
    """A right to repair one missed day. Earned by a week without a gap, spent on exactly one day."""

    community = models.ForeignKey(
        "communities.Community", on_delete=models.PROTECT, related_name="+"
    )
    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="+")
    earned_day = models.DateField()  # the day whose sign-in completed the week
    used_for = models.DateField(null=True)  # the missed day it repaired
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "member", "earned_day"], name="engagement_card_earned_once"
            ),
            models.UniqueConstraint(
                fields=["community", "member", "used_for"],
                condition=models.Q(used_for__isnull=False),
                name="engagement_day_repaired_once",
            ),
            models.CheckConstraint(
                condition=models.Q(used_for__isnull=True, used_at__isnull=True)
                | models.Q(used_for__isnull=False, used_at__isnull=False),
                name="engagement_card_used_wholly",
            ),
        ]


class CheckInAsk(models.Model):
    """A prompt that members of a community are asked to answer, open for a time.

    `key` is built from its cause (`run:17/step:hello`): asking twice with one key is one prompt.
    """

    key = models.CharField(max_length=160, unique=True)
    community = models.ForeignKey(
        "communities.Community", on_delete=models.PROTECT, related_name="+"
    )
    prompt = models.CharField(max_length=280)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=48)

    class Meta:
        indexes = [
            models.Index(fields=["community", "closes_at"], name="engagement_open_asks"),
        ]


class CheckIn(models.Model):
    """One member's answer to one prompt. Rows are never edited."""

    ask = models.ForeignKey(CheckInAsk, on_delete=models.PROTECT, related_name="check_ins")
    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=280, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ask", "member"], name="engagement_one_check_in")
        ]
        indexes = [models.Index(fields=["member", "at"], name="engagement_check_ins_of")]
