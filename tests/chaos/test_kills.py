"""SIGKILL at random moments of pump and sender: nothing lost, nothing twice, doubt named.

CHAGUAN_KILLS says how often; 200 is what a release is tried with.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("CHAGUAN_KILLS", "80"))
FACTS = 30 * KILLS


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the rig's own, of the kind the tests run on."""
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{tmp_path / 'rig.sqlite3'}"
        return
    server = os.environ["CHAGUAN_DATABASE_URL"]
    name = f"chaguan_rig_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as link:
        link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield f"{server.rpartition('/')[0]}/{name}"
        link.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run_rig(database_url: str, folder: Path, *, kills: int, facts: int) -> dict[str, int]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.chaos.rig"]
    command += ["--kills", str(kills), "--facts", str(facts), "--record", str(folder / "seen")]
    place = {"CHAGUAN_DATABASE_URL": database_url, "CHAGUAN_HOME": str(folder)}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | place, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_nothing_is_lost_or_doubled_and_doubt_is_named(database_url: str, tmp_path: Path) -> None:
    result = run_rig(database_url, tmp_path, kills=KILLS, facts=FACTS)

    assert result["rows"] == FACTS
    assert (result["lost"], result["double"], result["open"]) == (0, 0, 0)
    assert result["sent_but_not_seen"] == 0
    assert result["unknown"] <= KILLS  # one sender, so a kill hits one call at most
    assert result["sent_while_killing"] > 0
    assert result["unknown"] > 0, "no kill hit a call: the test proved nothing about doubt"
