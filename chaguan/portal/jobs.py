"""Housekeeping of the member pages."""

from datetime import timedelta
from typing import Any

from chaguan.jobs.contract import Progress, Schedule, job, schedules
from chaguan.kernel import clock
from chaguan.portal.throttle import forget_old

FORGET = "portal.forget_tries"
schedules.add(FORGET)(Schedule(FORGET, every=timedelta(days=1), offset=timedelta(hours=19)))


@job(FORGET)
def forget_tries_job(args: dict[str, Any], progress: Progress) -> None:
    """Drop counts of tries that are over for a day. Night in Shanghai."""
    progress(forget_old(clock.now()))
