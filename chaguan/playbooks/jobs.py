"""Scheduled work of the playbooks: silence, the days to come of open-ended runs, and what ends."""

from datetime import timedelta
from typing import Any

from chaguan.jobs.contract import Progress, Schedule, job, schedules
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.playbooks.actions.broadcast_approvals import expire_broadcasts
from chaguan.playbooks.actions.handovers import hand_over
from chaguan.playbooks.actions.pushes import watch_pushes
from chaguan.playbooks.actions.reports import draft_reports
from chaguan.playbooks.engine.clock import extend_runs, finish_runs
from chaguan.playbooks.engine.handover import close_spent_passes
from chaguan.playbooks.engine.silence import hear_silence

CLOCK = Actor.system("clock")


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
    close_spent_passes(now)
    finish_runs(now)


@job("playbooks.day_reports")
def draft_reports_job(args: dict[str, Any], progress: Progress) -> None:
    """Draft the reports of communities whose day is over."""
    draft_reports(CLOCK, now=clock.now())


@job("playbooks.endings")
def hand_over_job(args: dict[str, Any], progress: Progress) -> None:
    """Send on the people of runs, and of passes, that are over."""
    hand_over(CLOCK, now=clock.now())


@job("playbooks.broadcasts")
def expire_broadcasts_job(args: dict[str, Any], progress: Progress) -> None:
    """End promotions that nobody agreed to in time."""
    expire_broadcasts(CLOCK, now=clock.now())


schedules.add("playbooks.broadcasts")(Schedule("playbooks.broadcasts", every=timedelta(minutes=1)))


@job("playbooks.pushes")
def watch_pushes_job(args: dict[str, Any], progress: Progress) -> None:
    """Let promotions rest where people have had enough of them."""
    watch_pushes(CLOCK, now=clock.now())


schedules.add("playbooks.pushes")(Schedule("playbooks.pushes", every=timedelta(minutes=10)))
schedules.add("playbooks.silence")(Schedule("playbooks.silence", every=timedelta(minutes=1)))
schedules.add("playbooks.horizon")(Schedule("playbooks.horizon", every=timedelta(hours=1)))
schedules.add("playbooks.endings")(Schedule("playbooks.endings", every=timedelta(minutes=1)))
schedules.add("playbooks.day_reports")(
    Schedule("playbooks.day_reports", every=timedelta(minutes=5))
)
