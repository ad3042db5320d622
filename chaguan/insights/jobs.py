"""Scheduled work: keep the columnar copy near the log, cluster it at night, look at all communities."""

from datetime import datetime, timedelta
from typing import Any

from chaguan.insights.actions.health import update_health
from chaguan.insights.columns.opened import default_store
from chaguan.insights.selectors.health import is_a_first_look_due
from chaguan.jobs.actions import enqueue
from chaguan.jobs.contract import Progress, Schedule, job, schedules, tickers
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor

COPY_EVERY = timedelta(seconds=20)
FLOOD = 500  # so many new facts at once, as after an import, are a reason to look again now
_copied: dict[str, datetime] = {}


@tickers.add("insights.copy")
def copy_ticker(now: datetime) -> int:
    """Copy what the log has gained, every 20 seconds. Questions copy for themselves; this keeps them short.

    After a flood of facts, and for a community that was never looked at, a look at all is queued.
    """
    last = _copied.get("at")
    if last is not None and timedelta(0) <= now - last < COPY_EVERY:
        return 0
    _copied["at"] = now
    copied = default_store().refresh()
    if copied >= FLOOD or is_a_first_look_due():
        enqueue("insights.health", {}, now=now, dedup_key="insights.health")
    return copied


@job("insights.health")
def health_job(args: dict[str, Any], progress: Progress) -> None:
    """Look at all communities."""
    update_health(Actor.system("health"), now=clock.now())
    progress(1, 1)


@job("insights.compact")
def compact_job(args: dict[str, Any], progress: Progress) -> None:
    """Cluster the copy by member."""
    default_store().compact()
    progress(1, 1)


schedules.add("insights.health")(Schedule("insights.health", timedelta(minutes=5)))
schedules.add("insights.compact")(
    Schedule("insights.compact", timedelta(days=1), offset=timedelta(hours=19))
)
