"""Broadcasts (群发): one message to chosen communities at one time, with what came of it in each room."""

from django.db import models


class Broadcast(models.Model):
    """The message, as it was written. Once planned it never changes; what has not gone out can be cancelled.

    One that promotes waits for the yes of somebody else than its author until `answer_by`.
    """

    class State(models.TextChoices):
        FREE = "free"  # needs nobody's yes
        WAITING = "waiting"
        APPROVED = "approved"
        REFUSED = "refused"
        EXPIRED = "expired"  # nobody answered in time
        UNASKED = "unasked"  # promotions from before a yes was needed

    text = models.TextField()
    purpose = models.CharField(max_length=200)
    is_promotion = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    by = models.CharField(max_length=48)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=48, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.FREE)
    answer_by = models.DateTimeField(null=True)  # where somebody was asked
    decided_by = models.CharField(max_length=48, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(purpose=""), name="playbooks_broadcast_purpose"
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("by")), name="playbooks_broadcast_second"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved", decided_by="")
                & ~models.Q(state="free", is_promotion=True),
                name="playbooks_broadcast_asked",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused", reason=""),
                name="playbooks_broadcast_refused_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["answer_by"],
                condition=models.Q(state="waiting"),
                name="playbooks_broadcast_waits",
            )
        ]


class BroadcastTarget(models.Model):
    """One room, by the key of its outbox row; or a community that was left out, with the reason."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="targets")
    community = models.ForeignKey(
        "communities.Community", on_delete=models.CASCADE, related_name="+"
    )
    room = models.ForeignKey(
        "communities.Room", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    key = models.CharField(max_length=80, unique=True)
    left_out = models.CharField(max_length=20, blank=True)  # type_guard, no_room, closed
    sentence = models.CharField(max_length=300, blank=True)  # the type's own reason

    class Meta:
        indexes = [models.Index(fields=["community", "broadcast"], name="playbooks_heard_here")]
