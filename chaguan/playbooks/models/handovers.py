"""Hand-overs (承接): where each person goes when a run, or the own pass through it, is over."""

from django.db import models

from chaguan.playbooks.models.runs import Run


class Ending(models.Model):
    """A run that is over. The row is the lock of its hand-over and says how far that has come."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="ending")
    at = models.DateTimeField()
    split_at = models.DateTimeField(null=True)  # everybody has a row since then


class Handover(models.Model):
    """Where one person of a run goes: exactly one row, to one plan or to nobody yet.

    `rule` is the place of the entry under `then:`; NULL where no entry matched. `target` is the run that
    took the person in. `depth` counts hand-overs in a row and breaks loops.
    """

    class State(models.TextChoices):
        PLANNED = "planned"  # the plan is chosen and waits to be started; `reason` says for what
        STARTED = "started"
        ALREADY = "already"  # has been through that plan
        NOBODY = "nobody"  # no rule matched: a person decides
        HELD = "held"  # left, wants no messages, a loop: `reason` says which
        LET_GO = "let_go"  # a person decided that nothing follows

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="handovers")
    member = models.ForeignKey("people.Member", on_delete=models.CASCADE, related_name="+")
    rule = models.PositiveSmallIntegerField(null=True)
    playbook = models.CharField(max_length=40, blank=True)  # key of the plan
    why = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    reason = models.CharField(max_length=200, blank=True)
    target = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="arrivals")
    depth = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=48)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "member"], name="playbooks_one_handover"),
            models.CheckConstraint(
                condition=~models.Q(state="started") | models.Q(started_at__isnull=False),
                name="playbooks_handover_started",
            ),
        ]
        indexes = [
            models.Index(
                fields=["run", "playbook"],
                condition=models.Q(state="planned"),
                name="playbooks_handover_due",
            ),
            models.Index(fields=["target", "member"], name="playbooks_handover_into"),
        ]
