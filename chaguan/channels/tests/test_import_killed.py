"""A killed import goes on where it stood, and ends where an undisturbed one ends."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest

from chaguan.channels.tests.import_files import line, write_lines

ROWS = 6000
KILLS = 6
PREPARE = "import django; django.setup(); from django.core.management import call_command; "
MIGRATE = PREPARE + "call_command('migrate', verbosity=0, skip_checks=True)"
IMPORT = """
import django, sys
django.setup()
from pathlib import Path
from chaguan.channels.ingest import running
from chaguan.channels.tests.import_files import import_now
running.BATCH = 100
print("ready", flush=True)
run = import_now(Path(sys.argv[1]))
print(run.state, flush=True)
"""
TELL = """
import django, json
django.setup()
from chaguan.channels.models import ImportRun
from chaguan.channels.tests.test_importing import everything
runs = list(ImportRun.objects.order_by("pk").values_list("state", "records_done", "counts"))
print(json.dumps([everything(), runs], default=str))
"""


@dataclass(frozen=True)
class House:
    """An installation of its own, reached only through other processes."""

    home: Path
    url: str

    def start(self, program: str, *words: str) -> "subprocess.Popen[str]":
        environment = {
            **os.environ,
            "CHAGUAN_HOME": str(self.home),
            "CHAGUAN_DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "chaguan.config.settings",
        }
        command = [sys.executable, "-c", program, *words]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def run(self, program: str, *words: str) -> str:
        process = self.start(program, *words)
        said, _errors = process.communicate()
        assert process.returncode == 0
        return said


@pytest.fixture
def houses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[House, House]]:
    """Two equal, empty installations on the database under test."""
    one, two = House(tmp_path / "one", ""), House(tmp_path / "two", "")
    one.home.mkdir()
    if request.config.getoption("--database") == "sqlite":
        one.run(MIGRATE)
        shutil.copytree(one.home, two.home)
        yield one, two
        return
    import psycopg

    server = os.environ["CHAGUAN_DATABASE_URL"]
    names = [f"test_killed_{uuid4().hex[:10]}" for _each in range(2)]
    urls = [urlunsplit(urlsplit(server)._replace(path=f"/{name}")) for name in names]
    with psycopg.connect(server, autocommit=True) as connection:
        try:
            connection.execute(f"CREATE DATABASE {names[0]}".encode())
            one = replace(one, url=urls[0])
            one.run(MIGRATE)
            connection.execute(f"CREATE DATABASE {names[1]} TEMPLATE {names[0]}".encode())
            yield one, replace(two, url=urls[1])
        finally:
            for name in names:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def history() -> list[dict[str, object]]:
    """Talk with comings and goings by some forty people."""
    chance = random.Random(7)
    kinds = ["message"] * 8 + ["join", "leave"]
    return [
        line(
            0,
            id=f"k{number:05}",
            ts=f"2026-03-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z",
            user=f"u{chance.randint(1, 40)}",
            kind=chance.choice(kinds),
        )
        for number in range(ROWS)
    ]


def test_an_import_killed_at_random_ends_like_an_undisturbed_one(
    houses: tuple[House, House], tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "talk.jsonl", history())
    undisturbed, killed = houses
    chance = random.Random()  # every run kills elsewhere

    for _kill in range(KILLS):
        with killed.start(IMPORT, str(file)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.0, 0.4))
            process.send_signal(signal.SIGKILL)
    assert killed.run(IMPORT, str(file)) == "ready\ndone\n"
    assert undisturbed.run(IMPORT, str(file)) == "ready\ndone\n"

    got, runs = json.loads(killed.run(TELL))
    expected, clean_runs = json.loads(undisturbed.run(TELL))
    assert got == expected
    assert len(got["facts"]) == ROWS
    assert [state for state, _done, _counts in clean_runs] == ["done"]
    finished = [run for run in runs if run[0] == "done"]  # a late kill hits a run that is over
    assert finished[:1] == clean_runs
