"""chaguan work: the worker that pumps, keeps the clock, sends and runs jobs."""

import signal
import threading
from types import FrameType

import click
from django.conf import settings
from django.utils import translation

from chaguan.config.heartbeat import beating
from chaguan.jobs.worker import run


@click.command(
    epilog="Example: chaguan work",
    short_help="Run one worker (serve starts one by itself).",
)
def command() -> None:
    """Run one worker until it is told to stop. `chaguan serve` already starts one.

    With PostgreSQL any number may run on any number of machines; with SQLite run one.
    """
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    with translation.override(settings.LANGUAGE_CODE), beating():
        run(stop)
