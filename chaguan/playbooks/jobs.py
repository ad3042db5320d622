"""Scheduled work of the playbooks: looking for silence, and laying open-ended runs further out."""

from datetime import timedelta
from typing import Any

from chaguan.jobs.contract import Progress, Schedule, job, schedules
from chaguan.kernel import clock
from chaguan.playbooks.engine.clock import extend_runs, finish_runs
from chaguan.playbooks.engine.silence import hear_silence


@job("playbooks.silence")
def hear_silence_job(args: dict[str, Any], progress: Progress) -> None:
    """Open the steps of rooms that fell silent."""
    hear_silence(clock.now())


@job("playbooks.horizon")
def extend_runs_job(args: dict[str, Any], progress: Progress) -> None:
    """Write the next days of open-ended runs, and finish what is over."""
    now = clock.now()
    while extend_runs(now):
        pass
    finish_runs(now)


schedules.add("playbooks.silence")(Schedule("playbooks.silence", every=timedelta(minutes=1)))
schedules.add("playbooks.horizon")(Schedule("playbooks.horizon", every=timedelta(hours=1)))
