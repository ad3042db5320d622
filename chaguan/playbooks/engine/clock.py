"""The tick of the playbooks: called by the worker over and over, and by the preview with another clock.

A run whose step breaks must not stop the others: when a batch fails, its runs are taken one by one, and the
one that fails is paused with what went wrong.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef

from chaguan.eventlog.actions import record
from chaguan.jobs.contract import tickers
from chaguan.kernel.actor import Actor
from chaguan.playbooks.engine import ends  # noqa: F401 -- its tick registers
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.engine.dated import advance_rooms
from chaguan.playbooks.engine.moving import park_timers
from chaguan.playbooks.engine.personal import advance_people, runs_due
from chaguan.playbooks.engine.planning import horizon, lay_out
from chaguan.playbooks.events import RunPaused
from chaguan.playbooks.models import Enrolment, Occurrence, Run
from chaguan.playbooks.types import RunState, StepState

log = structlog.get_logger(__name__)
CLOCK = Actor.system("clock")
BROKEN = "broken"  # Run.end_reason of a run that the clock had to pause


@tickers.add("playbooks.clock")
def tick(now: datetime) -> int:
    """Carry out what is due: one batch of dated steps and one of people's timers. 0: nothing was due."""
    return _careful(advance_rooms, _rooms_due, now) + _careful(advance_people, runs_due, now)


def _careful(
    advance: Callable[..., int], due_in: Callable[[datetime], list[int]], now: datetime
) -> int:
    try:
        return advance(now)
    except OperationalError:
        raise  # the database is busy or gone: nothing is wrong with a run
    except Exception:
        log.exception("a batch of steps failed; its runs are taken one by one")
    return sum(_one_run(advance, run_id, now) for run_id in due_in(now))


def _one_run(advance: Callable[..., int], run_id: int, now: datetime) -> int:
    try:
        return advance(now, run_id=run_id)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("a run is paused because a step of it fails", run=run_id)
        with transaction.atomic():
            run = Run.objects.select_for_update().get(pk=run_id)
            run.state, run.paused_at = RunState.PAUSED, now
            run.end_reason = f"{BROKEN}: {error}"[:200]
            run.save(update_fields=["state", "paused_at", "end_reason"])
            park_timers(run)
            record(RunPaused(run.community_id, run.pk), actor=CLOCK, at=now)
        return 1


def _rooms_due(now: datetime) -> list[int]:
    due = Occurrence.objects.filter(
        state=StepState.WAITING, due_at__lte=now, run__state=RunState.RUNNING
    )
    return list(due.order_by("run_id").values_list("run_id", flat=True).distinct()[:50])


@transaction.atomic
def extend_runs(now: datetime) -> int:
    """Write the calendar's next days of runs whose plan ends within a week; returns how many grew."""
    grown = 0
    soon = now.date() + timedelta(days=7)
    for run in Run.objects.filter(state=RunState.RUNNING, planned_until__lt=soon)[:50]:
        document = document_of(run.edition_id)
        today = now.astimezone(ZoneInfo(run.zone)).date()
        last = run.planned_until or today
        lay_out(run, document, since=last, until=horizon(run, today))
        run.save(update_fields=["planned_until"])
        grown += 1
    return grown


def finish_runs(now: datetime) -> int:
    """Close runs of fixed length whose last day is over and that have nothing waiting."""
    waiting = Occurrence.objects.filter(run=OuterRef("pk"), state=StepState.WAITING)
    inside = Enrolment.objects.filter(run=OuterRef("pk"), state=Enrolment.State.ACTIVE)
    over = Run.objects.filter(state=RunState.RUNNING, ends_at__lte=now)
    over = over.filter(~Exists(waiting), ~Exists(inside))
    return over.update(state=RunState.FINISHED, ended_at=now, end_reason="finished")
