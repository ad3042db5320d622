#!/usr/bin/env python3
"""Which test proves which requirement: docs/reference/requirements.json and .md.

python tools/requirements.py            run the marked tests and write both files
python tools/requirements.py --check    fail when the files do not fit the marked tests
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
TITLES = REFERENCE / "requirement-titles.json"
RESULTS = ROOT / "build" / "requirements.json"
INTRO = """# Requirements and the tests that prove them

Written by `make requirements`; never edited. A requirement without a test is not done, whatever the
screen shows. {proved} of {all} requirements are proved by tests that pass.
"""


class Found(TypedDict):
    """What the collecting plugin wrote about one requirement."""

    tests: list[str]
    passed: bool | None


NONE: Found = {"tests": [], "passed": None}


class Row(TypedDict):
    """One requirement."""

    title: str
    tests: list[str]
    passed: bool


def collected(*options: str) -> tuple[dict[str, Found], int]:
    """What pytest found, and its exit code."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-m", "req", f"--requirements={RESULTS}"]
    ended = subprocess.run(  # noqa: S603 -- our own command line
        [*command, *options], cwd=ROOT, check=False, capture_output="--collect-only" in options
    )
    if not RESULTS.exists():
        sys.stderr.write((ended.stdout or b"").decode()[-4000:])
        return {}, ended.returncode or 1
    found: dict[str, Found] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found, ended.returncode


def rows_of(found: dict[str, Found]) -> dict[str, Row]:
    """Every requirement in the order of the titles, tested or not."""
    titles: dict[str, str] = json.loads(TITLES.read_text(encoding="utf-8"))
    rows: dict[str, Row] = {}
    for code, title in titles.items():
        known = found.get(code, NONE)
        is_proved = bool(known["tests"]) and known["passed"] is True
        rows[code] = {"title": title, "tests": known["tests"], "passed": is_proved}
    return rows


def as_markdown(rows: dict[str, Row]) -> str:
    """A table per area."""
    proved = sum(row["passed"] for row in rows.values())
    lines = [INTRO.format(proved=proved, all=len(rows))]
    for area, members in groupby(rows.items(), key=lambda item: item[0].partition("-")[0]):
        lines += [
            f"## {area}",
            "",
            "| ID | Requirement | Tests | Pass |",
            "| --- | --- | --- | --- |",
        ]
        lines += [markdown_row(code, row) for code, row in members]
        lines.append("")
    return "\n".join(lines)


def markdown_row(code: str, row: Row) -> str:
    tests = "<br>".join(f"`{test}`" for test in row["tests"]) or "none"
    verdict = "yes" if row["passed"] else "no" if row["tests"] else ""
    return f"| {code} | {row['title'].replace('|', '/')} | {tests} | {verdict} |"


def differences(rows: dict[str, Row]) -> Iterator[str]:
    """What the committed file says otherwise than the marked tests, and what did not pass."""
    committed: dict[str, Row] = json.loads(
        (REFERENCE / "requirements.json").read_text(encoding="utf-8")
    )
    for code, row in rows.items():
        known = committed.get(code, {"title": "", "tests": [], "passed": False})
        if known["tests"] != row["tests"] or known["title"] != row["title"]:
            yield f"{code}: docs/reference/requirements.json is stale; run `make requirements`."
        elif known["tests"] and not known["passed"]:
            yield f"{code}: its tests did not pass when `make requirements` ran."
    if as_markdown(committed) != (REFERENCE / "requirements.md").read_text(encoding="utf-8"):
        yield "docs/reference/requirements.md is not what `make requirements` writes."


def main() -> int:
    parser = argparse.ArgumentParser(description="Requirements and the tests that prove them.")
    parser.add_argument("--check", action="store_true", help="fail when the files are stale")
    if parser.parse_args().check:
        found, code = collected("--collect-only")
        told = list(differences(rows_of(found))) if found else ["The tests could not be collected."]
        print("\n".join(told), file=sys.stderr) if told else print("Requirements are up to date.")
        return 1 if told or code else 0
    found, code = collected()
    if not found:
        return code
    rows = rows_of(found)
    text = json.dumps(rows, ensure_ascii=False, indent=2)
    (REFERENCE / "requirements.json").write_text(text + "\n", encoding="utf-8")
    (REFERENCE / "requirements.md").write_text(as_markdown(rows), encoding="utf-8")
    print(f"{sum(row['passed'] for row in rows.values())} of {len(rows)} requirements are proved.")
    return code


if __name__ == "__main__":
    sys.exit(main())
