"""The worker's sign of life, and how long ago the last one was."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import structlog
from django.db import DatabaseError, connection

from chaguan.config.models import WorkerBeat

log = structlog.get_logger(__name__)
EVERY_S = 10
DEAD_AFTER = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=1)


def worker_name() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def beat(worker: str, *, now: datetime, started_at: datetime) -> None:
    """Renew this worker's row and drop rows of workers that died long ago. Real time, not the clock."""
    WorkerBeat.objects.bulk_create(
        [WorkerBeat(worker=worker, started_at=started_at, beat_at=now)],
        update_conflicts=True,
        unique_fields=["worker"],
        update_fields=["beat_at"],
    )
    WorkerBeat.objects.filter(beat_at__lt=now - FORGOTTEN_AFTER).delete()


def silence(now: datetime) -> timedelta | None:
    """How long ago any worker gave a sign of life; None when none ever did."""
    last = WorkerBeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    return max(now - last, timedelta(0)) if last else None


@contextmanager
def beating() -> Iterator[threading.Event]:
    """Beat from a thread of its own while the block runs, however long one job takes.

    Yields an event that is set after the first beat.
    """
    stop, first_beat = threading.Event(), threading.Event()
    started_at = datetime.now(UTC)
    worker = worker_name()

    def beat_on() -> None:
        while True:
            try:
                beat(worker, now=datetime.now(UTC), started_at=started_at)
                first_beat.set()
            except DatabaseError as error:
                log.warning("no sign of life written", error=str(error))
            if stop.wait(EVERY_S):
                break
        WorkerBeat.objects.filter(worker=worker).delete()
        connection.close()

    thread = threading.Thread(target=beat_on, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield first_beat
    finally:
        stop.set()
        thread.join(5)
