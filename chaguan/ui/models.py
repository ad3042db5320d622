"""What a person chose about the looks of the interface."""

from django.conf import settings
from django.db import models


class Preference(models.Model):
    """One login's choices. Empty text: never chosen. Read at log-in only; cookies carry them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    theme = models.CharField(max_length=8, blank=True)
    density = models.CharField(max_length=12, blank=True)
    language = models.CharField(max_length=12, blank=True)
