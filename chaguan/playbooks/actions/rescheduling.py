"""Giving dated steps another time: a step put back, moved for a holiday, or what went wrong done again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.actions.runs import open_run
from chaguan.playbooks.engine.catalogue import known_step, steps_of
from chaguan.playbooks.events import StepRestored, StepsMoved
from chaguan.playbooks.models import Assignment, Occurrence, Run, SkippedStep, Step, StepMove
from chaguan.playbooks.schedule import moved_by_days
from chaguan.playbooks.selectors.capacity import is_for_person
from chaguan.playbooks.types import AssignmentState, StepState

MISSED = (StepState.LATE, StepState.SKIPPED, StepState.ASKED)
LEFT_OUT = "step_skipped"
AGAIN = {  # outbox rows that go in line again with their step; sent ones and those in doubt never
    "failed": Q(state=OutboxRow.State.FAILED),
    "expired": Q(state=OutboxRow.State.EXPIRED),
    "held": Q(state=OutboxRow.State.SUPPRESSED, reason="too_late"),
    "left_out": Q(state=OutboxRow.State.CANCELLED, reason=LEFT_OUT),
}


@transaction.atomic
def restore_step(actor: Actor, run_id: int, code: str, *, now: datetime) -> int:
    """Put a skipped step back, wherever it is still to come; returns how many dated ones came back.

    What passed meanwhile stays skipped and can be rescheduled. Emits: StepRestored.
    Raises: Missing, Refused, RunIsOver.
    """
    run = open_run(actor, run_id)
    step = _step(run, code)
    if not SkippedStep.objects.filter(run=run, step=step).delete()[0]:
        raise Missing
    rows = Occurrence.objects.filter(run=run, step=step, state=StepState.SKIPPED, due_at__gt=now)
    came_back = rows.update(state=StepState.WAITING, reason="", done_at=None, by="")
    head = f"run:{run.pk}/{code}/"
    mine = Q(key__gte=head, key__lt=f"{head}~", due_at__gt=now)
    outbox.put_again(actor, mine & AGAIN["left_out"])
    record(StepRestored(run.community_id, run.pk, code), actor=actor, at=now)
    return came_back


@transaction.atomic
def shift_step(
    actor: Actor, run_id: int, code: str, days: int, reason: str, *, now: datetime
) -> int:
    """Move one step of a room track by local days, wherever it is still to come; returns how many moved.

    Emits: StepsMoved. Raises: Missing, Refused, RunIsOver, Invalid without a reason or for a person's track.
    """
    _refuse_without(reason)
    if not -366 <= days <= 366 or days == 0:
        raise Invalid(_("Say by how many days, as a whole number."), code="days")
    run = open_run(actor, run_id)
    step = _step(run, code)
    if step.is_personal:
        raise Invalid(
            _("This step follows each person's own days. Move the whole run instead."),
            code="personal_step",
        )
    zone = ZoneInfo(run.zone)
    waiting = Occurrence.objects.select_for_update().filter(
        run=run, step=step, state=StepState.WAITING, due_at__gt=now
    )
    rows = list(waiting)
    for row in rows:
        row.due_at = moved_by_days(row.due_at, days, zone)
        row.closes_at = moved_by_days(row.closes_at, days, zone) if row.closes_at else None
    _keep(actor, rows, reason, now)
    if rows:
        _record(actor, run, code, len(rows), reason, now)
    return len(rows)


@transaction.atomic
def reschedule(
    actor: Actor,
    run_id: int,
    occurrence_ids: Collection[int],
    at: datetime,
    reason: str,
    *,
    now: datetime,
) -> int:
    """Give missed, skipped and failed dated steps a new time in bulk; returns how many got it.

    A missed step falls due anew; of a step that was done only the messages that surely did not arrive go in
    line again. Steps taken out of the run are left alone: put them back first. Nothing is sent twice: keys
    stay. Emits: StepsMoved. Raises: Missing, Refused, RunIsOver, Invalid for the past, without a reason or
    when nothing of it can be moved.
    """
    _refuse_without(reason)
    if at < now:
        raise Invalid(_("The new time has passed already. Choose a later one."), code="past")
    run = open_run(actor, run_id)
    skipped = SkippedStep.objects.filter(run=run).values("step")
    rows = list(
        Occurrence.objects.select_for_update()
        .filter(run=run, pk__in=list(occurrence_ids), state__in=[*MISSED, StepState.DONE])
        .exclude(step__in=skipped)
    )
    missed = [row for row in rows if row.state in MISSED]
    done = [row for row in rows if row.state == StepState.DONE]
    for row in missed:
        row.state, row.due_at, row.closes_at = StepState.WAITING, at, None
        row.reason, row.done_at, row.by = "", None, ""
    _keep(actor, missed, reason, now)
    _reopen(rows, at)
    again = _send_again(actor, run, done, at)
    moved = [row for row in rows if row in missed or row.pk in again]
    if not moved:
        raise Invalid(
            _("Nothing here can get a new time: it was sent, or taken out of the run."),
            code="nothing_to_move",
        )
    codes = sorted({known_step(row.step_id).row.code for row in moved})
    _record(actor, run, ",".join(codes), len(moved), reason, now)
    return len(moved)


def _send_again(actor: Actor, run: Run, rows: Sequence[Occurrence], at: datetime) -> set[int]:
    """Messages of done steps that surely did not arrive; returns the dated steps they belong to."""
    if not rows:
        return set()
    which = Q(key__gte=f"run:{run.pk}/", key__lt=f"run:{run.pk}0")
    which &= Q(payload__occurrence__in=[row.pk for row in rows])
    which &= AGAIN["failed"] | AGAIN["expired"] | AGAIN["held"] | AGAIN["left_out"]
    found = all_rows().filter(which).order_by().values_list("payload__occurrence", flat=True)
    ids = {int(pk) for pk in found.distinct()}
    outbox.put_again(actor, which, due_at=at)
    return ids


def _reopen(rows: Sequence[Occurrence], at: datetime) -> None:
    """Lines that asked or were left out are open again, as what they were first given for."""
    lines = Assignment.objects.filter(occurrence__in=[row.pk for row in rows]).filter(
        Q(state__in=[AssignmentState.SKIPPED, AssignmentState.EXPIRED])
        | Q(state=AssignmentState.OPEN, is_late_question=True)
    )
    by_person = [row.step_id for row in rows if is_for_person(known_step(row.step_id).row)]
    questions = lines.filter(is_late_question=True).exclude(step__in=by_person)
    questions.update(state=AssignmentState.CANCELLED, note="rescheduled", done_at=at)
    lines.filter(step__in=by_person).update(
        state=AssignmentState.OPEN,
        is_late_question=False,
        due_at=at,
        closes_at=None,
        note="",
        done_at=None,
        done_by="",
    )


def _keep(actor: Actor, rows: Sequence[Occurrence], reason: str, now: datetime) -> None:
    """Write the new times, and remember that a person chose them."""
    fields = ["state", "due_at", "closes_at", "reason", "done_at", "by"]
    Occurrence.objects.bulk_update(rows, fields, batch_size=200)
    StepMove.objects.bulk_create(
        [
            StepMove(
                occurrence=row,
                at=row.due_at,
                reason=reason.strip()[:200],
                by=actor.reference,
                moved_at=now,
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["occurrence"],
        update_fields=["at", "reason", "by", "moved_at"],
    )


def _record(actor: Actor, run: Run, codes: str, amount: int, reason: str, now: datetime) -> None:
    fact = StepsMoved(run.community_id, run.pk, codes[:200], amount, reason.strip()[:200])
    record(fact, actor=actor, at=now)


def _step(run: Run, code: str) -> Step:
    step = next((k.row for k in steps_of(run.edition_id).values() if k.row.code == code), None)
    if step is None:
        raise Missing
    return step


def _refuse_without(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("Say in a few words why."), code="reason_missing")
