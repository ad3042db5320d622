"""`chaguan serve` as a real process tree: one link, children that come back, no orphans."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaguan.config.processes import is_free

PATIENCE_S = 60


@dataclass
class House:
    """A server of our own, in a state folder of its own."""

    process: "subprocess.Popen[str]"
    port: int
    told: Path

    def health(self) -> dict[str, object]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz") as reply:
                return dict(json.load(reply))
        except urllib.error.HTTPError as answer:
            return dict(json.load(answer))
        except OSError:
            return {}

    def output(self) -> str:
        return self.told.read_text()

    def children(self) -> dict[int, str]:
        """Process ids of the children and their command lines."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        rows = (line.strip().partition(" ") for line in listed.stdout.splitlines())
        return {int(pid): command for pid, _space, command in rows}

    def child(self, word: str) -> int:
        return next((pid for pid, command in self.children().items() if word in command), 0)


def eventually(what: str, holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    port, told = free_port(), tmp_path / "told"
    dropped = {"CHAGUAN_DATABASE_URL", "CHAGUAN_BASE_URL", "CHAGUAN_LANGUAGE"}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    with told.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "chaguan.config.cli", "serve", "--port", str(port)],
            env={**environment, "CHAGUAN_HOME": str(tmp_path / "home"), "CHAGUAN_LANGUAGE": "en"},
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
    house = House(process, port, told)
    yield house
    left = house.children()
    process.kill()
    process.wait()
    eventually("the port is free again, whatever happened", lambda: is_free("127.0.0.1", port))
    assert all(not Path(f"/proc/{pid}").exists() for pid in left) or sys.platform != "linux"


def test_serve_opens_the_house_and_keeps_it_open(house: House) -> None:
    eventually("the house is well", lambda: house.health().get("status") == "ok")

    links = re.findall(r"http://\S+", house.output())
    assert [link.startswith(f"http://127.0.0.1:{house.port}/start/") for link in links] == [True]

    worker = house.child("work")
    os.kill(worker, signal.SIGKILL)
    eventually("another worker", lambda: house.child("work") not in (0, worker))

    children = house.children()
    house.process.send_signal(signal.SIGTERM)
    assert house.process.wait(PATIENCE_S) == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a killed parent")
def test_a_parent_killed_outright_leaves_no_orphan(house: House) -> None:
    eventually("the house is well", lambda: house.health().get("status") == "ok")
    children = house.children()
    assert len(children) == 2

    house.process.kill()

    eventually("no orphans", lambda: not [p for p in children if Path(f"/proc/{p}").exists()])
    assert is_free("127.0.0.1", house.port)


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        ended = subprocess.run(
            [sys.executable, "-m", "chaguan.config.cli", "serve", "--port", str(port)],
            env={**os.environ, "CHAGUAN_HOME": str(tmp_path), "CHAGUAN_LANGUAGE": "en"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended.returncode == 2
    assert ended.stderr == (
        f"Port {port} on 127.0.0.1 is in use by another program. Choose one with --port.\n"
    )
