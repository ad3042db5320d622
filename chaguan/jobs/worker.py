"""The worker: runs tickers, schedules and jobs until it is told to stop.

Tickers run in this thread, over and over: pumps, clocks, senders. Jobs run in a thread beside it, one
after the other, each with a heartbeat, so that a long import never delays a message that is due.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import close_old_connections, connection

from chaguan.jobs import actions
from chaguan.jobs.actions import Claimed
from chaguan.jobs.contract import JobCancelled, handlers, tickers
from chaguan.kernel import clock

log = structlog.get_logger(__name__)
IDLE_S = 0.25
BEAT_S = 8.0
TICKER_PAUSE_S = 5.0  # of a ticker that raised


def run(stop: threading.Event) -> None:
    """Work until `stop` is set, then finish what is in hand."""
    jobs = threading.Thread(target=_jobs_loop, args=(stop,), name="jobs", daemon=True)
    jobs.start()
    paused: dict[str, float] = {}
    while not stop.is_set():
        if not tick_once(paused):
            stop.wait(IDLE_S)
    jobs.join(timeout=20)
    connection.close()


def tick_once(paused: dict[str, float] | None = None) -> int:
    """Run every ticker and schedule once; returns how much was done. One that raises rests a while."""
    rest = paused if paused is not None else {}
    done = 0
    every: list[tuple[str, Callable[[datetime], int]]] = [
        *tickers,
        ("schedules", actions.take_occurrences),
    ]
    for name, tick in every:
        if rest.get(name, 0) > time.monotonic():
            continue
        try:
            done += tick(clock.now())
        except Exception:
            log.exception("ticker failed", ticker=name)
            rest[name] = time.monotonic() + TICKER_PAUSE_S
            close_old_connections()
    return done


def run_ready_jobs(limit: int = 1000) -> int:
    """Run the jobs that are ready, in this thread: for tests and for commands without a worker."""
    done = 0
    while done < limit and (claimed := actions.claim(_name(), clock.now())):
        run_job(claimed)
        done += 1
    return done


def run_job(claimed: Claimed) -> None:
    """Run one leased job to its end, its failure or its cancellation."""

    def progress(done: int, total: int | None = None, note: str = "") -> None:
        actions.report(claimed, clock.now(), done, total, note)

    try:
        handlers.get(claimed.kind)(claimed.args, progress)
    except JobCancelled:
        log.info("job cancelled", job=claimed.id, kind=claimed.kind)
    except Exception as error:
        log.exception("job failed", job=claimed.id, kind=claimed.kind)
        actions.fail(claimed, f"{type(error).__name__}: {error}", clock.now())
    else:
        actions.finish(claimed, clock.now())


def _jobs_loop(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            claimed = actions.claim(_name(), clock.now())
        except Exception:
            log.exception("claiming jobs failed")
            close_old_connections()
            claimed = None
        if claimed is None:
            stop.wait(IDLE_S * 2)
            continue
        ended = threading.Event()
        beating = threading.Thread(target=_beat, args=(claimed, ended), daemon=True)
        beating.start()
        run_job(claimed)
        ended.set()
        beating.join()
    connection.close()


def _beat(claimed: Claimed, ended: threading.Event) -> None:
    """Extend the lease while the handler works, also between its reports."""
    while not ended.wait(BEAT_S):
        try:
            actions.beat(claimed, clock.now())
        except Exception:
            log.exception("heartbeat failed", job=claimed.id)
    connection.close()


def _name() -> str:
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{threading.get_native_id()}"
