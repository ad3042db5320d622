"""What `make` says to somebody whose machine lacks something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


def make(folder: Path, *words: str, path: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", *words],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """An empty folder with our Makefile and an old python3 first on the path."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "package-lock.json"):
        (tmp_path / name).touch()
    return tmp_path


def put(folder: Path, script: str) -> str:
    """A program named python3 in a folder of its own; returns that folder for PATH."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "python3").write_text(script)
    (programs / "python3").chmod(0o755)
    return f"{programs}{os.pathsep}{os.environ['PATH']}"


def test_an_old_python_gets_one_clear_sentence(bare: Path) -> None:
    old = put(bare, '#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo 3.9.2;; esac\n')

    ended = make(bare, ".venv/bin/python", path=old)

    assert ended.returncode != 0
    assert ended.stderr.splitlines()[0] == (
        "Chaguan needs Python 3.11 or newer; python3 is 3.9.2. "
        "Name a newer one: make PYTHON=python3.12"
    )
    assert not (bare / ".venv").exists()


def test_no_python_at_all_gets_one_clear_sentence(bare: Path) -> None:
    ended = make(bare, ".venv/bin/python", "PYTHON=python-of-nowhere", path=os.environ["PATH"])

    assert ended.stderr.startswith(
        "Chaguan needs Python 3.11 or newer, and there is no python-of-nowhere here."
    )


def test_a_python_without_venv_says_which_package_is_missing(bare: Path) -> None:
    halved = put(bare, '#!/bin/sh\n[ "$1" = "-m" ] && exit 1\nexit 0\n')

    ended = make(bare, ".venv/bin/python", path=halved)

    assert "python3-venv" in ended.stderr.splitlines()[0]
    assert not (bare / ".venv").exists()


def test_help_lists_what_there_is(bare: Path) -> None:
    told = make(bare, "help", path=os.environ["PATH"]).stdout

    for target in ("run", "test", "check", "bench", "requirements", "lock"):
        assert f"make {target}\t" in told
