"""Drafts (草稿): the next edition of a playbook while people write it, with a bounded history for undo."""

from django.db import models

from chaguan.playbooks.models.editions import Edition, Playbook


class Draft(models.Model):
    """The one draft of a playbook. `version` grows with every change and settles two people at once.

    `text` is kept whatever it is, also when it cannot be read. `place` is the state of the history that
    `text` shows: undo goes to the one before it, redo to the one after.
    """

    playbook = models.OneToOneField(Playbook, on_delete=models.CASCADE, related_name="draft")
    base = models.ForeignKey(Edition, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    version = models.PositiveIntegerField(default=1)
    place = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    by = models.CharField(max_length=48)  # who changed it last


class DraftState(models.Model):
    """One state of a draft's text: what undo and redo go through. The newest `place` rows are kept."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="states")
    place = models.PositiveIntegerField()
    text = models.TextField()
    what = models.CharField(
        max_length=80, blank=True
    )  # `step TCH-01 text`: joins quick edits of one field
    at = models.DateTimeField()
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "place"], name="playbooks_draft_place")
        ]
