"""Playbooks (剧本), their immutable editions, and the wordings (话术) they use."""

from django.db import models


class Script(models.Model):
    """A prepared wording. What it says is in its versions; `current` is the one sent from now on."""

    key = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    idea = models.CharField(max_length=400, blank=True)
    types = models.JSONField(default=list, blank=True)  # community types it fits
    stages = models.JSONField(default=list, blank=True)  # relation stages it fits
    language = models.CharField(max_length=12, default="zh-Hans")
    is_library = models.BooleanField(default=False)
    current = models.ForeignKey(
        "ScriptVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()


class ScriptVersion(models.Model):
    """One version of a wording. Rows are never edited: what was planned with it stays as it was."""

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    variants = models.JSONField(default=list, blank=True)
    variables = models.JSONField(default=dict, blank=True)  # name: {label, example, default}
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["script", "number"], name="playbooks_script_version")
        ]


class Playbook(models.Model):
    """A playbook under its permanent key. What it says is in its editions."""

    key = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    types = models.JSONField(default=list, blank=True)  # community types it fits; empty: all
    is_library = models.BooleanField(default=False)
    is_archived = models.BooleanField(default=False)
    current = models.ForeignKey("Edition", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()


class Edition(models.Model):
    """One immutable edition: the document, and its text as the author wrote it."""

    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64)
    document = models.JSONField()
    source = models.TextField()
    note = models.CharField(max_length=200, blank=True)  # what changed, in the publisher's words
    created_at = models.DateTimeField()
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["playbook", "number"], name="playbooks_edition_number"),
            models.UniqueConstraint(
                fields=["playbook", "content_hash"], name="playbooks_edition_once"
            ),
        ]


class Step(models.Model):
    """One step of an edition, laid out so that statements can join it. Written with the edition, then fixed."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="steps")
    place = models.PositiveSmallIntegerField()  # order in the document
    code = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    track = models.CharField(max_length=40)
    is_personal = models.BooleanField(default=False)
    kind = models.CharField(max_length=40)
    mode = models.CharField(max_length=8)
    actor = models.CharField(max_length=24)
    audience = models.CharField(max_length=80)
    purpose = models.CharField(max_length=200)
    script = models.ForeignKey(Script, null=True, on_delete=models.PROTECT, related_name="uses")
    text = models.TextField(blank=True)
    is_promotion = models.BooleanField(default=False)
    is_urgent = models.BooleanField(default=False)
    needs_approval = models.BooleanField(default=False)
    lateness = models.CharField(max_length=4, default="skip")
    late_after_s = models.PositiveIntegerField(default=21600)
    minutes = models.PositiveSmallIntegerField(default=0)
    needs = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="playbooks_step_code")
        ]
