"""What the member pages keep for themselves: the key behind personal links, and counts of tries."""

from django.db import models


class LinkKey(models.Model):
    """The secret part of a member's personal links. A new `nonce` ends all older links and sessions."""

    member = models.OneToOneField("people.Member", on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=24)
    issued_at = models.DateTimeField()


class Tries(models.Model):
    """How often one address tried one thing in one window of time. In the database, so that the limit
    holds over all processes. `who` is a keyed digest: no address is kept.
    """

    what = models.CharField(max_length=16)
    who = models.CharField(max_length=32)
    window = models.BigIntegerField()  # window number since the epoch; its length belongs to `what`
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["what", "who", "window"], name="portal_tries_once")
        ]
        indexes = [models.Index(fields=["window"], name="portal_tries_old")]
