"""People on personal tracks. Narrow tables: a million people wait here at no cost but their rows.

Instants are whole seconds since 1970 in these tables, so that statements can add to them on both databases.
"""

from django.db import models

from chaguan.playbooks.models.runs import Run


class Cohort(models.Model):
    """People of one track who share their first local day, and with it every dated moment.

    What is the same for all of them stands here and not on each enrolment: the arm of a split they were
    dealt to, and how many facts deep in a chain of causes they came in.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="cohorts")
    track = models.CharField(max_length=40)
    day = models.DateField()
    made_at_shift = models.IntegerField(
        default=0
    )  # the run's shift when it began: later ones move it
    arm = models.CharField(max_length=40, blank=True, default="", db_default="")
    depth = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "track", "day", "made_at_shift", "arm", "depth"],
                name="playbooks_cohort_once",
            )
        ]


class CohortStep(models.Model):
    """When a cohort's steps come: at an instant, so long after joining, or so long after a wait ended."""

    pk = models.CompositePrimaryKey("cohort_id", "place")
    cohort_id = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()  # order in the track; a step with five days has five
    step_id = models.BigIntegerField()
    at_s = models.BigIntegerField(null=True)  # a fixed instant …
    after_s = models.BigIntegerField(null=True)  # … or seconds after joining, or after the wait
    wait_place = models.PositiveSmallIntegerField(null=True)  # of a wait: fired by its end
    wait_result = models.PositiveSmallIntegerField(
        null=True
    )  # 1 act, 2 time-out, 3 the time-out itself
    is_chained = models.BooleanField(default=True)  # part of the timeline everybody walks
    closes_s = models.IntegerField(null=True)  # to be done so many seconds after it comes
    depth = models.SmallIntegerField(default=0, db_default=0)  # of the cohort

    class Meta:
        db_table = "playbooks_cohortstep"


class Enrolment(models.Model):
    """One member's pass through a personal track."""

    class State(models.IntegerChoices):
        ACTIVE = 0
        DONE = 1
        STOPPED = 2

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, db_index=False, related_name="enrolments"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, db_index=False, related_name="+")
    member = models.ForeignKey("people.Member", on_delete=models.CASCADE, related_name="+")
    track = models.PositiveSmallIntegerField()  # place of the track in the document
    entry = models.PositiveSmallIntegerField(default=0)  # 0: first pass
    state = models.PositiveSmallIntegerField(choices=State.choices, default=State.ACTIVE)
    entered_s = models.BigIntegerField()
    ended_s = models.BigIntegerField(null=True)
    end_reason = models.CharField(max_length=200, null=True)  # noqa: DJ001 -- NULL takes no space

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "track", "member", "entry"], name="playbooks_one_pass"
            )
        ]
        indexes = [  # passes that are over, by when: who waits takes no space in it
            models.Index(
                fields=["run", "ended_s"],
                condition=~models.Q(state=0),
                name="playbooks_passes_over",
            )
        ]


class Timer(models.Model):
    """One waiting moment, ordered by when it wakes (SQLite: WITHOUT ROWID). Deleted when it fires."""

    pk = models.CompositePrimaryKey("wake_s", "enrolment_id", "place")
    wake_s = models.BigIntegerField()
    enrolment_id = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "playbooks_timer"


class Wait(models.Model):
    """Somebody waits for a fact about a member; ordered by (fact, member), so a batch joins it once."""

    pk = models.CompositePrimaryKey("fact", "member_id", "enrolment_id", "place")
    fact = models.CharField(max_length=64)
    member_id = models.BigIntegerField()
    enrolment_id = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "playbooks_wait"


class Outcome(models.Model):
    """How a wait ended."""

    class Result(models.IntegerChoices):
        ACT = 1
        TIMEOUT = 2

    pk = models.CompositePrimaryKey("enrolment_id", "place")
    enrolment_id = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    result = models.PositiveSmallIntegerField(choices=Result.choices)
    at_s = models.BigIntegerField()
    event_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "playbooks_outcome"
