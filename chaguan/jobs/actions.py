"""Everything that changes job rows: enqueue, claim, report, finish, cancel."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from chaguan.jobs.contract import JobCancelled, schedules
from chaguan.jobs.models import Job, Occurrence
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing

State = Job.State
LEASE = timedelta(seconds=30)


@dataclass(frozen=True)
class Claimed:
    """A leased job. `attempt` fences reports: only the holder of the newest lease may write."""

    id: int
    kind: str
    args: dict[str, Any]
    worker: str
    attempt: int


def enqueue(
    kind: str,
    args: dict[str, Any],
    *,
    now: datetime,
    run_after: datetime | None = None,
    dedup_key: str = "",
    priority: int = 0,
) -> int | None:
    """Insert a job in the caller's transaction; a rollback leaves none.

    Returns its id, or None when an open job holds the same `dedup_key`.
    """
    job = Job(
        kind=kind,
        args=args,
        run_after=run_after or now,
        dedup_key=dedup_key,
        priority=priority,
        created_at=now,
    )
    if not dedup_key:
        job.save()
        return job.pk
    with transaction.atomic():
        Job.objects.bulk_create([job], ignore_conflicts=True)
    found = Job.objects.filter(dedup_key=dedup_key, state__in=[State.READY, State.RUNNING]).first()
    return found.pk if found and found.created_at == now and found.args == args else None


@transaction.atomic
def claim(worker: str, now: datetime) -> Claimed | None:
    """Lease the next job that is ready, or whose worker died (its lease ran out)."""
    due = Q(state=State.READY, run_after__lte=now) | Q(state=State.RUNNING, lease_until__lte=now)
    rows = Job.objects.filter(due).order_by("-priority", "run_after", "id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    job = rows.first()
    if job is None:
        return None
    if job.attempts >= job.max_attempts:
        job.state, job.finished_at = State.DEAD, now
        job.last_error = job.last_error or "its worker died each time"
        job.save(update_fields=["state", "finished_at", "last_error"])
        return None
    job.state, job.worker, job.lease_until = State.RUNNING, worker, now + LEASE
    job.attempts += 1
    job.save(update_fields=["state", "worker", "lease_until", "attempts"])
    return Claimed(job.pk, job.kind, job.args, worker, job.attempts)


def _mine(claimed: Claimed) -> Any:
    return Job.objects.filter(
        pk=claimed.id, state=State.RUNNING, worker=claimed.worker, attempts=claimed.attempt
    )


def beat(claimed: Claimed, now: datetime) -> bool:
    """Extend the lease. False: cancelled, or somebody else holds the job."""
    return bool(_mine(claimed).update(lease_until=now + LEASE))


def report(
    claimed: Claimed, now: datetime, done: int, total: int | None = None, note: str = ""
) -> None:
    """Write progress and extend the lease. Raises JobCancelled when the job is no longer ours."""
    changes: dict[str, Any] = {"progress_done": done, "lease_until": now + LEASE}
    if total is not None:
        changes["progress_total"] = total
    if note:
        changes["progress_note"] = note[:160]
    if not _mine(claimed).update(**changes):
        raise JobCancelled


def finish(claimed: Claimed, now: datetime) -> bool:
    """Mark the job done if we still hold it."""
    return bool(_mine(claimed).update(state=State.DONE, finished_at=now, lease_until=None))


def fail(claimed: Claimed, error: str, now: datetime) -> None:
    """Try again after a pause that doubles, or leave the job dead for a person to look at."""
    pause = timedelta(seconds=min(3600, 5 * 2**claimed.attempt))
    mine = _mine(claimed)
    changes: dict[str, Any] = {"last_error": error[:4000], "lease_until": None}
    if not mine.filter(attempts__lt=F("max_attempts")).update(
        state=State.READY, run_after=now + pause, **changes
    ):
        mine.update(state=State.DEAD, finished_at=now, **changes)


def cancel(actor: Actor, job_id: int, *, now: datetime) -> None:
    """Stop a job: at once when it waits, at its next report when it runs. Raises Missing."""
    rows = Job.objects.filter(pk=job_id, state__in=[State.READY, State.RUNNING])
    note = f"cancelled by {actor.reference}"
    if not rows.update(state=State.CANCELLED, finished_at=now, last_error=note):
        raise Missing


def take_occurrences(now: datetime) -> int:
    """Enqueue the jobs of all schedules that are due. The unique key makes each occurrence once."""
    taken = 0
    for name, schedule in schedules:
        due_at = latest_occurrence(schedule.every, schedule.offset, now)
        with transaction.atomic():
            if Occurrence.objects.filter(schedule=name, due_at=due_at).exists():
                continue
            _row, is_new = Occurrence.objects.get_or_create(schedule=name, due_at=due_at)
            if is_new:
                enqueue(schedule.kind, {"due_at": due_at.isoformat()}, now=now, dedup_key=name)
                taken += 1
                Occurrence.objects.filter(schedule=name, due_at__lt=due_at).delete()
    return taken


def latest_occurrence(every: timedelta, offset: timedelta, now: datetime) -> datetime:
    """The newest multiple of `every` since the epoch, plus `offset`, that is not after `now`."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC) + offset
    return epoch + ((now - epoch) // every) * every
