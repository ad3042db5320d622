"""SIGKILL at random moments of the playbooks' clock: every step once, none twice, nobody left waiting."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.test_kills import ROOT, database_url

__all__ = ["database_url"]
MEMBERS = 200


def test_every_step_is_planned_once_however_often_the_clock_dies(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> None:
    workers = 2 if request.config.getoption("--database") == "postgres" else 1
    command = [sys.executable, "-W", "ignore", "-m", "tests.chaos.clock_rig", "--kills", "25"]
    command += ["--members", str(MEMBERS), "--workers", str(workers)]
    place = {"CHAGUAN_DATABASE_URL": database_url, "CHAGUAN_HOME": str(tmp_path)}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | place, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, int] = json.loads(done.stdout.splitlines()[-1])

    assert result["rows"] == result["expected_rows"]
    assert result["due"] == result["expected_due"]
    assert result["timed_out"] == MEMBERS
    assert (result["waiting"], result["open_steps"], result["late_steps"]) == (0, 0, 0)
    assert result["unfinished"] == 0
    assert 0 < result["rows_while_killing"] < result["rows"], "kills hit nothing: it proved nothing"
