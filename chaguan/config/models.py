"""Which workers live. Kept in the database, so that it holds over any number of machines."""

from django.db import models


class WorkerBeat(models.Model):
    """One worker process. A row that is not renewed belongs to a dead process."""

    worker = models.CharField(max_length=80, primary_key=True)  # host and process id
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
