#!/usr/bin/env python3
"""Everything but the tests that a change must pass. Two checks run at a time; all are told.

python tools/run_checks.py            all
python tools/run_checks.py types …    only these
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PYTHON = sys.executable


@dataclass(frozen=True)
class Check:
    """One command that must exit 0 (and print nothing, where `is_silent`)."""

    name: str
    command: Sequence[str]
    is_silent: bool = False


def templates() -> list[str]:
    return [
        str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("chaguan/*/templates/**/*.html"))
    ]


def checks() -> list[Check]:
    """The slow ones first, so that two cores are busy to the end."""
    manage = [PYTHON, "manage.py"]
    return [
        Check("types", [str(BIN / "mypy")]),
        Check("requirements", [PYTHON, "tools/requirements.py", "--check"]),
        Check("architecture", [PYTHON, "-m", "pytest", "-q", "tests/architecture"]),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run", "-v1"]),
        Check("reference", [PYTHON, "tools/reference.py", "--check"]),
        Check("django", [*manage, "check", "--fail-level", "WARNING"]),
        Check("translations", [PYTHON, "tools/messages.py", "--check"]),
        Check("imports", [str(BIN / "lint-imports"), "--no-logo"]),
        Check("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
        Check("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
        Check(
            "templates", [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates()]
        ),
    ]


# Last and alone: the others write caches and build folders, which must all be ignored by git.
CLEAN_TREE = Check("clean tree", ["git", "status", "--porcelain"], is_silent=True)


def run(check: Check) -> bool:
    """Run one check and tell how it went; its output only when it failed."""
    started_s = time.monotonic()
    ended = subprocess.run(  # noqa: S603 -- our own command lines
        list(check.command), cwd=ROOT, check=False, capture_output=True, text=True
    )
    is_good = ended.returncode == 0 and not (check.is_silent and ended.stdout.strip())
    took_s = time.monotonic() - started_s
    lines = [f"{'ok    ' if is_good else 'FAILED'} {check.name} ({took_s:.1f} s)"]
    if not is_good:
        lines += [f"    {line}" for line in (ended.stdout + ended.stderr).splitlines()[-400:]]
    print("\n".join(lines), flush=True)
    return is_good


def main() -> int:
    wanted = sys.argv[1:]
    chosen = [check for check in checks() if not wanted or check.name in wanted]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, chosen))
    if not wanted:
        results.append(run(CLEAN_TREE))
    good = sum(results)
    print(f"checks: {good} passed, {len(results) - good} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
