"""Questions about jobs. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from chaguan.jobs.models import Job


@dataclass(frozen=True)
class JobProgress:
    """What a progress bar shows. `share` is 0 to 1, or None while the total is not known."""

    state: str
    done: int
    total: int | None
    note: str
    error: str
    attempts: int
    created_at: datetime
    finished_at: datetime | None

    @property
    def share(self) -> float | None:
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def is_open(self) -> bool:
        return self.state in (Job.State.READY, Job.State.RUNNING)


def progress_of(job_id: int | None) -> JobProgress | None:
    """The progress of one job; None when there is no such job."""
    job = Job.objects.filter(pk=job_id).first() if job_id else None
    if job is None:
        return None
    return JobProgress(
        state=job.state,
        done=job.progress_done,
        total=job.progress_total,
        note=job.progress_note,
        error=job.last_error,
        attempts=job.attempts,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )


def counts_by_state() -> dict[str, int]:
    """How many jobs are in each state."""
    counted = Job.objects.order_by().values("state").annotate(n=Count("id"))
    return {entry["state"]: entry["n"] for entry in counted}


def dead_jobs() -> QuerySet[Job]:
    """Jobs that failed every time and wait for a person."""
    return Job.objects.filter(state=Job.State.DEAD).order_by("-finished_at")
