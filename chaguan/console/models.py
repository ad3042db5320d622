"""Logins of staff: the one-time links that open the first account and others."""

from django.conf import settings
from django.db import models


class StartLink(models.Model):
    """A one-time link (一次性链接). Only the hash of its secret is kept; it opens one door, once.

    Without a `user` it makes the first account of the house; with one it sets that login's password.
    """

    secret_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    issued_by = models.CharField(max_length=48)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
