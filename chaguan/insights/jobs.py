"""Scheduled work: keep the columnar copy near the log, cluster it at night, look at all communities."""

from datetime import datetime, timedelta
from typing import Any

from chaguan.insights.actions.health import update_health
from chaguan.insights.columns.opened import default_store
from chaguan.jobs.contract import Progress, Schedule, job, schedules, tickers
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor

COPY_EVERY = timedelta(seconds=60)
_copied: dict[str, datetime] = {}


@tickers.add("insights.copy")
def copy_ticker(now: datetime) -> int:
    """Copy what the log has gained, once a minute. Questions copy for themselves; this keeps them short."""
    last = _copied.get("at")
    if last is not None and timedelta(0) <= now - last < COPY_EVERY:
        return 0
    _copied["at"] = now
    return default_store().refresh()


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


schedules.add("insights.health")(Schedule("insights.health", timedelta(minutes=15)))
schedules.add("insights.compact")(
    Schedule("insights.compact", timedelta(days=1), offset=timedelta(hours=19))
)
