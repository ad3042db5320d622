"""Communities (社群), their rooms, who belongs to them and who works for them."""

from django.conf import settings
from django.db import models

from chaguan.communities.types import CommunityType, ContentKind, Period, Phase


class Community(models.Model):
    """People in one shared place with a purpose, run by roles and rules."""

    public_id = models.CharField(max_length=26, unique=True)
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    type = models.CharField(
        max_length=12, choices=[(t.value, t.value) for t in CommunityType], blank=True
    )
    content_kind = models.CharField(
        max_length=12, choices=[(k.value, k.value) for k in ContentKind], blank=True
    )
    phase = models.CharField(
        max_length=12, choices=[(p.value, p.value) for p in Phase], default=Phase.DRAFT.value
    )
    period = models.CharField(
        max_length=8, choices=[(p.value, p.value) for p in Period], default=Period.EARLY.value
    )
    period_since = models.DateTimeField(null=True)  # NULL: since it opened
    timezone = models.CharField(max_length=64, default="Asia/Shanghai")
    target_stages = models.JSONField(default=list, blank=True)  # relation stages it is for
    purpose = models.TextField(blank=True)  # charter: why it exists
    audience = models.TextField(blank=True)  # charter: for whom
    expected_effect = models.TextField(blank=True)  # charter: what should come of it
    settings = models.JSONField(default=dict, blank=True)  # overrides of the type's preset
    is_screened = models.BooleanField(default=False)
    colour = models.CharField(max_length=7, blank=True)
    host_name = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    # Share of members outside the target stages, 0 to 1; a tick keeps it, NULL until it ran.
    outside_share = models.FloatField(null=True)
    composed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phase", "type"], name="communities_by_phase")]


class Room(models.Model):
    """A concrete chat room on one channel (群)."""

    class Purpose(models.TextChoices):
        MAIN = "main"
        BACK_ROOM = "back_room"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=120)
    connector = models.CharField(max_length=32)
    account_id = models.BigIntegerField()
    external_id = models.CharField(max_length=160)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.MAIN)
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "external_id"], name="communities_one_room"
            )
        ]


class Membership(models.Model):
    """One member in one community, as of now. The history of joins and leaves is in the event log.

    The counters are kept by set-based statements beside the messages they count.
    """

    class State(models.TextChoices):
        APPLIED = "applied"
        IN = "in"
        LEFT = "left"
        REMOVED = "removed"

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey("people.Member", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.IN)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    origin = models.CharField(max_length=60, blank=True)  # link, import, transfer …
    card = models.CharField(max_length=80, blank=True)  # 群名片
    messages = models.PositiveIntegerField(default=0)
    first_message_at = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "member"], name="communities_one_membership"
            )
        ]
        indexes = [
            models.Index(fields=["member", "community"], name="communities_of_member"),
            models.Index(
                fields=["community", "state", "joined_at", "member"], name="communities_joined"
            ),
            models.Index(
                fields=["community", "state", "last_message_at", "member"],
                name="communities_quiet",
            ),
            models.Index(
                fields=["community", "state", "messages", "member"], name="communities_talk"
            ),
        ]


class MemberRole(models.Model):
    """An in-group role (群内角色) of one member for a time: steward, session_host, expert …"""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=24)
    since = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)  # planned end: the clock ends the role then
    until = models.DateTimeField(null=True)  # NULL: open; ended roles stay as history
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "role"],
                condition=models.Q(until__isnull=True),
                name="communities_role_once",
            )
        ]
        indexes = [
            models.Index(fields=["role", "membership"], name="communities_by_role"),
            models.Index(
                fields=["ends_at"],
                condition=models.Q(until__isnull=True, ends_at__isnull=False),
                name="communities_roles_ending",
            ),
        ]


class StaffRole(models.Model):
    """A staff role and its rights, editable (责任分工)."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    rights = models.JSONField(default=list)


class StaffPost(models.Model):
    """One login holding one staff role, for one community or (NULL) for all of them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts"
    )
    role = models.ForeignKey(StaffRole, on_delete=models.PROTECT)
    community = models.ForeignKey(Community, null=True, on_delete=models.CASCADE)
    hours_per_week = models.PositiveSmallIntegerField(default=0)  # 0: not planned

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "community"], name="communities_one_post"
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(community__isnull=True),
                name="communities_one_post_everywhere",
            ),
        ]


class ClosingCheck(models.Model):
    """One tick on a community's closing checklist: notice, export, next step, feedback."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="closing")
    item = models.CharField(max_length=16)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "item"], name="communities_checked_once")
        ]


class GuardOverride(models.Model):
    """An owner's word that one message may go out although the type of the community forbids it."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200, unique=True)  # of the outbox row
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=48)
    at = models.DateTimeField()


class PeriodProposal(models.Model):
    """The system's word that a community is old enough for its next period, and what was decided."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="proposals")
    to = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Period])
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=48, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community"],
                condition=models.Q(state="open"),
                name="communities_one_open_proposal",
            )
        ]


class PeriodTick(models.Model):
    """One task of a period's list that a community has done."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="+")
    item = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "item"], name="communities_item_once")
        ]


class ActivationGoal(models.Model):
    """Acts that mean "has experienced the product" (激活目标): any one of them is enough.

    `acts` is a list of {"fact", "what", "times"}. Place 0 holds for all communities without their own.
    """

    place = models.BigIntegerField(unique=True)  # a community's id, or 0
    acts = models.JSONField(default=list)
    by = models.CharField(max_length=48)
    at = models.DateTimeField()


class Activation(models.Model):
    """A member reached the activation goal of a community, after joining it."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="activations")
    member = models.ForeignKey("people.Member", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    took_s = models.PositiveBigIntegerField()  # from joining to the act
    event_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "member"], name="communities_activated_once"
            )
        ]
        indexes = [models.Index(fields=["member", "community"], name="communities_activated")]
