"""The process tree of `chaguan serve`: children that are restarted when they die, one way to stop."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

import structlog

log = structlog.get_logger(__name__)
GRACE_S = 15  # from the polite signal to the hard one
CALM_S = 0.5  # before a dead child is started again; doubles while it keeps dying
LONGEST_CALM_S = 30.0
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One child process and how often it died in a row."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started_s: float = 0.0
    deaths: int = 0
    start_at_s: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches the parent only."""
        self.process = subprocess.Popen(  # noqa: S603 -- our own command lines
            list(self.command),
            env=dict(self.environment),
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        self.started_s = time.monotonic()

    def look_after(self) -> None:
        """Notice a death, and start it again after a moment that grows while it keeps dying."""
        now_s = time.monotonic()
        if self.process is not None and (code := self.process.poll()) is not None:
            self.clear_away()
            self.deaths = 1 if now_s - self.started_s > LONGEST_CALM_S else self.deaths + 1
            calm_s = min(CALM_S * 2 ** (self.deaths - 1), LONGEST_CALM_S)
            log.warning("child ended, starting it again", child=self.name, code=code, in_s=calm_s)
            self.process, self.start_at_s = None, now_s + calm_s
        if self.process is None and now_s >= self.start_at_s:
            self.start()

    def ask_to_end(self) -> None:
        """The polite signal, to the child only: it tells its own children."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def clear_away(self) -> None:
        """End whatever is left of its process group, for a child that died without tidying up."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Tree:
    """Starts children, keeps them alive, stops them in order on SIGTERM and SIGINT."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.is_stopping = False

    def run(self, *, seconds: float | None = None, each: Callable[[], None] = lambda: None) -> None:
        """Keep the children alive until a signal, or for `seconds`; calls `each` about 5 times a second."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        end_s = None if seconds is None else time.monotonic() + seconds
        try:
            while not self.is_stopping and (end_s is None or time.monotonic() < end_s):
                for child in self.children:
                    child.look_after()
                each()
                time.sleep(0.2)
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask every child to end, last started first, and insist after a grace period."""
        for child in reversed(self.children):
            child.ask_to_end()
        end_s = time.monotonic() + GRACE_S
        for child in self.children:
            if child.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, end_s - time.monotonic()))
                child.clear_away()
                child.process.wait()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True


def end_with_parent() -> None:
    """In the child: be told to end when the parent is killed outright (Linux), so no orphan stays."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def is_free(host: str, port: int) -> bool:
    """Whether we could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(url: str) -> bool:
    """Whether the page at our own address answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:  # noqa: S310 -- our own http address
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError):
        return False


# Granian's backpressure counts open connections, idle ones too: browsers keep theirs, and at 256 the
# 257th open room gets no answer at all. Measured by benchmarks/open_rooms.py.
OPEN_CONNECTIONS = 4096


def web_command(host: str, port: int, *, web_processes: int) -> list[str]:
    """Granian serving our WSGI application. Threads share one interpreter: four keep latency even."""
    python = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    listen = ["--host", host, "--port", str(port), "--workers", str(web_processes)]
    connections = str(OPEN_CONNECTIONS)
    limits = ["--blocking-threads", "4", "--backpressure", connections, "--respawn-failed-workers"]
    quiet = ["--log-level", "warning", "--workers-kill-timeout", "5"]
    return [*python, *listen, *limits, *quiet, "chaguan.config.wsgi:application"]


def worker_command() -> list[str]:
    return [sys.executable, "-m", "chaguan.config.cli", "work"]
