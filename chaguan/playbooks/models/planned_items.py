"""Planned items (内容排期): what a community has in store for a day: offers, topics, posts."""

from django.db import models


class PlannedItem(models.Model):
    """One offer, topic or post of one day. Prices are whole fen; both are there or neither is."""

    class Kind(models.TextChoices):
        OFFER = "offer"
        TOPIC = "topic"
        POST = "post"

    community = models.ForeignKey(
        "communities.Community", on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField()  # in the community's zone
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=120)
    text = models.CharField(max_length=600, blank=True)
    price_fen = models.PositiveIntegerField(null=True)
    usual_fen = models.PositiveIntegerField(null=True)  # what it costs on other days
    by = models.CharField(max_length=48)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "day", "kind", "title"], name="playbooks_item_once"
            ),
            models.CheckConstraint(
                condition=models.Q(price_fen__isnull=True, usual_fen__isnull=True)
                | models.Q(price_fen__lte=models.F("usual_fen")),
                name="playbooks_honest_price",
            ),
        ]
