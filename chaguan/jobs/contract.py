"""What other apps plug into the worker: job handlers, tickers and schedules."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from chaguan.kernel.registry import Registry


class Progress(Protocol):
    """Handed to a job. Calling it writes the progress row, extends the lease and checks for a cancel."""

    def __call__(self, done: int, total: int | None = None, note: str = "") -> None:
        """Report `done` of `total` units. Raises JobCancelled when a person stopped the job."""


class JobCancelled(Exception):
    """A person stopped this job; the handler lets it rise after leaving things consistent."""


Handler = Callable[[dict[str, Any], Progress], None]
handlers: Registry[Handler] = Registry("job kind")


def job(kind: str) -> Callable[[Handler], Handler]:
    """Register the handler of one kind of job. It must be safe to run twice."""
    return handlers.add(kind)


Ticker = Callable[[datetime], int]
"""Called by the worker over and over with the present instant; returns how much it did (0: idle)."""

tickers: Registry[Ticker] = Registry("ticker")


@dataclass(frozen=True)
class Schedule:
    """Enqueue a job of `kind` at every multiple of `every` (counted from midnight UTC, plus `offset`)."""

    kind: str
    every: timedelta
    offset: timedelta = timedelta(0)


schedules: Registry[Schedule] = Registry("schedule")
