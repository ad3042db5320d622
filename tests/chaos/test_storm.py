"""A short storm over everything at once; `make chaos` runs the long one (tests/chaos/storm.py)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.test_kills import ROOT, database_url

__all__ = ["database_url"]


def faults(told: dict[str, Any]) -> list[str]:
    """What a storm must never leave behind, in words; empty when all is well."""
    never = ["unknown_late", "unknown_at_the_idempotent", "other", "double"]
    never += ["timers_left", "waits_left", "passes_left"]
    never += [name for name in told if name.startswith("wrong_")]
    found = [f"{name}: {told[name]}" for name in never if told[name]]
    if told["rows"] != told["expected_rows"]:
        found.append(f"rows: {told['rows']} instead of {told['expected_rows']}")
    hits = told["kills"]["worker"] + told["kills"]["database"]
    if told["unknown"] > hits:
        found.append(f"unknown: {told['unknown']}, though only {hits} kills can have hit a call")
    if not 0 < told["sent_in_the_storm"] < told["rows"] or not told["acknowledged"]:
        found.append("the storm hit nothing: it proved nothing")
    return found


def test_after_a_storm_every_list_agrees(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> None:
    workers = "2" if request.config.getoption("--database") == "postgres" else "1"
    command = [sys.executable, "-W", "ignore", "-m", "tests.chaos.storm", "--folder", str(tmp_path)]
    command += ["--steps", "2000", "--kills", "18", "--wait", "15", "--workers", workers]
    place = {"CHAGUAN_DATABASE_URL": database_url, "CHAGUAN_HOME": str(tmp_path)}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | place, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stderr[-3000:]

    assert faults(json.loads(done.stdout.splitlines()[-1])) == []
