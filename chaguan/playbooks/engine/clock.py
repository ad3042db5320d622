"""The tick of the playbooks: called by the worker over and over, and by the preview with another clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef

from chaguan.jobs.contract import tickers
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.engine.dated import advance_rooms
from chaguan.playbooks.engine.personal import advance_people
from chaguan.playbooks.engine.planning import horizon, lay_out
from chaguan.playbooks.models import Enrolment, Occurrence, Run
from chaguan.playbooks.types import RunState, StepState


@tickers.add("playbooks.clock")
def tick(now: datetime) -> int:
    """Carry out what is due: one batch of dated steps and one of people's timers. 0: nothing was due."""
    return advance_rooms(now) + advance_people(now)


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
