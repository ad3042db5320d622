"""Members (成员): who they are over all channels, and what we know of them."""

from django.conf import settings
from django.db import models

from chaguan.people.types import FieldKind, RelationStage, TrafficTier


class Member(models.Model):
    """A person we know. `merged_into` leaves room for joining two records into one."""

    public_id = models.CharField(max_length=26, unique=True)
    name = models.CharField(max_length=120)
    is_bot = models.BooleanField(default=False)
    stage = models.CharField(
        max_length=16,
        choices=[(s.value, s.value) for s in RelationStage],
        default=RelationStage.UNAWARE.value,
    )
    stage_since = models.DateTimeField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    timezone = models.CharField(max_length=64, blank=True)  # empty: the community's
    locale = models.CharField(max_length=16, blank=True)
    touch_opt_out_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [
            models.Index(fields=["name", "id"], name="people_by_name"),
            models.Index(fields=["stage", "id"], name="people_by_stage"),
            models.Index(fields=["-last_seen_at", "-id"], name="people_by_last_seen"),
            models.Index(fields=["first_seen_at", "id"], name="people_by_first_seen"),
        ]


class Identity(models.Model):
    """A member's id at one channel. `scope` keeps equal ids of two accounts apart."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="identities")
    connector = models.CharField(max_length=32)
    scope = models.CharField(max_length=80, blank=True)
    external_id = models.CharField(max_length=160)
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "scope", "external_id"], name="people_one_identity"
            )
        ]
        indexes = [models.Index(fields=["connector", "member"], name="people_by_connector")]


class ProfileField(models.Model):
    """One question of the profile template (标准信息模板), shared by all communities."""

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in FieldKind])
    choices = models.JSONField(default=list, blank=True)
    is_personal = models.BooleanField(default=True)


class ProfileValue(models.Model):
    """One answer of one member."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="values")
    field = models.ForeignKey(ProfileField, on_delete=models.PROTECT)
    value = models.CharField(max_length=400)
    at = models.DateTimeField()
    source = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "field"], name="people_one_value")]
        indexes = [models.Index(fields=["field", "value", "member"], name="people_by_value")]


class Tag(models.Model):
    """A mark on members, put by hand or by rule (标签)."""

    name = models.CharField(max_length=60, unique=True)
    rule = models.JSONField(
        null=True
    )  # a segment tree: then the tag follows the rule, not the hand
    refreshed_at = models.DateTimeField(null=True)


class MemberTag(models.Model):
    """One tag on one member, put there by a person or by the tag's rule (`by` is then "rule")."""

    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, db_index=False, related_name="tags"
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, db_index=False)
    at = models.DateTimeField()
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "tag"], name="people_tag_once")]
        indexes = [models.Index(fields=["tag", "member"], name="people_by_tag")]


class Segment(models.Model):
    """A saved question about members (分群): a small JSON tree that compiles to SQL."""

    name = models.CharField(max_length=80)
    tree = models.JSONField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    community_id = models.BigIntegerField(null=True)  # NULL: over all communities of its owner
    created_at = models.DateTimeField()


class StageChange(models.Model):
    """One move on the relation ladder, with its evidence: a rule and an event, or a person's reason."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="stage_changes")
    old = models.CharField(max_length=16)
    new = models.CharField(max_length=16)
    at = models.DateTimeField()
    rule = models.CharField(max_length=60, blank=True)
    event_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "rule", "event_id"],
                condition=models.Q(event_id__isnull=False),
                name="people_stage_once_per_event",
            )
        ]
        indexes = [models.Index(fields=["member", "at"], name="people_stage_by_member")]


class StageRuleSwitch(models.Model):
    """Turns one stage rule off (or on again) in this house. No row: as shipped."""

    code = models.SlugField(max_length=60, unique=True)
    is_on = models.BooleanField()
    by = models.CharField(max_length=48)
    at = models.DateTimeField()


class TierName(models.Model):
    """What this house calls one of the four traffic tiers. No row: as shipped."""

    tier = models.CharField(
        max_length=16, unique=True, choices=[(t.value, t.value) for t in TrafficTier]
    )
    name = models.CharField(max_length=40)
    by = models.CharField(max_length=48)
    at = models.DateTimeField()


class StageTier(models.Model):
    """The one tier that a relation stage belongs to in this house. No row: as shipped."""

    stage = models.CharField(
        max_length=16, unique=True, choices=[(s.value, s.value) for s in RelationStage]
    )
    tier = models.CharField(max_length=16, choices=[(t.value, t.value) for t in TrafficTier])
    by = models.CharField(max_length=48)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tier__in=[t.value for t in TrafficTier]),
                name="people_tier_is_one_of_four",
            )
        ]


class Order(models.Model):
    """An order confirmed outside, once per reference."""

    reference = models.CharField(max_length=120, unique=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="orders")
    at = models.DateTimeField()
    amount_fen = models.BigIntegerField(default=0)
    community_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["member", "at", "id"], name="people_orders_of_member")]


class Note(models.Model):
    """A private remark about a member by staff or a steward."""

    class Visibility(models.TextChoices):
        STAFF = "staff"
        STEWARDS = "stewards"

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notes")
    community_id = models.BigIntegerField(null=True)
    text = models.TextField()
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=48)

    class Meta:
        indexes = [models.Index(fields=["member", "at"], name="people_notes_of_member")]
