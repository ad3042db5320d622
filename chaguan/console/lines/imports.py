"""An import as the page shows it: its pace, and what is left to wait."""

from dataclasses import dataclass
from datetime import datetime

from chaguan.channels.selectors.imports import ImportRun, ImportStatus, status_of
from chaguan.jobs.selectors import progress_of

LOOKS = {  # states of imports -> codes of ui.states
    ImportRun.State.UPLOADED: "waiting",
    ImportRun.State.RUNNING: "running",
    ImportRun.State.DONE: "done",
    ImportRun.State.FAILED: "failed",
    ImportRun.State.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class ImportLine:
    """One import with its status. `left_s` is a guess from the pace so far, None before there is one."""

    run: ImportRun
    status: ImportStatus
    look: str
    per_second: int | None = None
    left_s: float | None = None
    waits_for_worker: bool = False


def import_line(run: ImportRun, now: datetime) -> ImportLine:
    """Read the status and guess the rest. Queries: 2."""
    status = status_of(run)
    look = LOOKS[ImportRun.State(status.state)]
    job = progress_of(run.job_id)
    if not status.is_open or job is None:
        return ImportLine(run, status, look, per_second=status.per_second)
    elapsed_s = (now - job.created_at).total_seconds()
    if not status.records or elapsed_s <= 0:
        return ImportLine(run, status, look, waits_for_worker=job.state == "ready")
    share = status.share or 0.0
    left_s = elapsed_s * (1 - share) / share if share > 0.01 else None
    return ImportLine(run, status, look, round(status.records / elapsed_s), left_s)
