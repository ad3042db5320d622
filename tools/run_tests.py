#!/usr/bin/env python3
"""Every test: on SQLite, and beside it on PostgreSQL where a server is reachable.

Without a server, a browser or the real chats the tests that need them are skipped aloud. CHAGUAN_CI=1
makes each of these a failure. Other arguments go to pytest.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVERS = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql:///postgres",
)
NOTHING_SELECTED = 5  # pytest's exit code


def reachable_server() -> str:
    """The address of a PostgreSQL server for tests, or nothing."""
    import psycopg

    wish = os.environ.get("CHAGUAN_TEST_POSTGRES")
    for address in (wish,) if wish else SERVERS:
        try:
            with psycopg.connect(address, connect_timeout=3):
                return address
        except psycopg.OperationalError:
            continue
    return ""


def pytest_command(*options: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-rs", "--durations=8", *options]


def main() -> int:
    given = sys.argv[1:]
    started_s = time.monotonic()
    server = reachable_server()
    with tempfile.TemporaryFile() as log:
        beside = None
        if server:
            beside = subprocess.Popen(  # noqa: S603 -- our own command line
                pytest_command("--database=postgres", "-m", "not browser", *given),
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "CHAGUAN_TEST_POSTGRES": server},
            )
        print("== SQLite ==", flush=True)
        codes = [subprocess.run(pytest_command(*given), cwd=ROOT, check=False).returncode]  # noqa: S603
        if beside is not None:
            codes.append(beside.wait())
            log.seek(0)
            print("== PostgreSQL ==", flush=True)
            sys.stdout.write(log.read().decode(errors="replace"))
    if not server:
        print("== PostgreSQL: SKIPPED, no server answers (CHAGUAN_TEST_POSTGRES names one) ==")
        codes.append(1 if os.environ.get("CHAGUAN_CI") else 0)
    print(f"Tests took {time.monotonic() - started_s:.0f} s.")
    nothing = all(code == NOTHING_SELECTED for code in codes)
    return 1 if nothing or any(code not in (0, NOTHING_SELECTED) for code in codes) else 0


if __name__ == "__main__":
    sys.exit(main())
