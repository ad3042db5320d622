"""Marks lead from tests to requirements, and nowhere else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requirements as tool

from tests.architecture.source import ROOT

TESTS = """
import pytest

@pytest.mark.req("SOP-01")
def test_good():
    pass

@pytest.mark.req("SOP-01", "SOP-02")
@pytest.mark.parametrize("n", [1, 2])
def test_half(n):
    assert n == 1

@pytest.mark.req("SOP-03")
def test_skipped():
    pytest.skip("nothing proved")
"""


def run(folder: Path, source: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest on one file with our plugin alone."""
    (folder / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "traceability", "-c", "/dev/null"]
    return subprocess.run(
        [*command, "--rootdir", str(folder), "-p", "no:cacheprovider", *options, "test_it.py"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT / "tests/plugins"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_requirement_gets_its_tests_and_whether_all_passed(tmp_path: Path) -> None:
    file = tmp_path / "found.json"

    run(tmp_path, TESTS, f"--requirements={file}")

    assert json.loads(file.read_text()) == {
        "SOP-01": {"tests": ["test_it.py::test_good", "test_it.py::test_half"], "passed": False},
        "SOP-02": {"tests": ["test_it.py::test_half"], "passed": False},
        "SOP-03": {"tests": ["test_it.py::test_skipped"], "passed": False},
    }


def test_an_unknown_requirement_fails_the_collection(tmp_path: Path) -> None:
    ended = run(tmp_path, TESTS.replace("SOP-03", "SOP-99"))

    assert ended.returncode != 0
    assert "is marked with 'SOP-99'; there is no such requirement." in ended.stdout + ended.stderr


def test_every_requirement_has_its_row_tested_or_not() -> None:
    rows = tool.rows_of({"SOP-02": {"tests": ["a::b"], "passed": True}})

    assert len(rows) == 448
    assert rows["SOP-02"]["passed"]
    assert rows["SOP-01"] == {
        "title": "SOP template model (SOP模板)",
        "tests": [],
        "passed": False,
    }


def test_a_stale_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tool.rows_of({"SOP-02": {"tests": ["a::b"], "passed": True}})
    monkeypatch.setattr(tool, "REFERENCE", tmp_path)
    (tmp_path / "requirements.json").write_text(json.dumps(rows))
    (tmp_path / "requirements.md").write_text(tool.as_markdown(rows))

    assert list(tool.differences(rows)) == []
    renamed = tool.rows_of({"SOP-02": {"tests": ["a::c"], "passed": True}})
    assert [told.partition(":")[0] for told in tool.differences(renamed)] == ["SOP-02"]
    (tmp_path / "requirements.md").write_text("edited by hand")
    assert len(list(tool.differences(rows))) == 1
