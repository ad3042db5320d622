#!/usr/bin/env python3
"""Runs the benchmarks one after the other: every file of benchmarks/ that can be run by itself.

    python tools/run_benchmarks.py            all, each in a state folder of its own
    python tools/run_benchmarks.py import     those with this word in the name

Each prints its figures and, where there is one, the ratio to bare SQL or the bare library. None is a test.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILDS_ONLY = {"big_house"}  # makes the house that others measure


def benchmarks(words: list[str]) -> list[Path]:
    found = []
    for path in sorted((ROOT / "benchmarks").glob("*.py")):
        is_wanted = not words or any(word in path.stem for word in words)
        can_run = 'if __name__ == "__main__"' in path.read_text(encoding="utf-8")
        if is_wanted and can_run and path.stem not in BUILDS_ONLY:
            found.append(path)
    return found


def main() -> int:
    failed = []
    for path in benchmarks(sys.argv[1:]):
        print(f"== {path.stem} ==", flush=True)
        with tempfile.TemporaryDirectory(prefix="chaguan-bench-") as home:
            environment = {**os.environ, "CHAGUAN_HOME": home, "CHAGUAN_LOG_LEVEL": "WARNING"}
            code = subprocess.run(  # noqa: S603 -- our own files
                [sys.executable, str(path)], cwd=ROOT, env=environment, check=False
            ).returncode
        if code:
            failed.append(path.stem)
    if failed:
        print(f"These benchmarks did not finish: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
