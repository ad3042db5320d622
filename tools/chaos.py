#!/usr/bin/env python3
"""The long storm (tests/chaos/storm.py) on SQLite, then on a PostgreSQL of its own that is restarted, too.

python tools/chaos.py [sqlite|postgres …] [--steps 100000] [--kills 1000] [--longest 1.0]

Prints what came of each storm, and ends with 1 when anything was lost, doubled or told wrongly. Without
PostgreSQL's programs (initdb, pg_ctl) that half is skipped aloud.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PORT = 15433


def program(name: str) -> str | None:
    """One of PostgreSQL's programs: on the path, or where Debian keeps them."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


@contextmanager
def own_server(folder: Path) -> Iterator[tuple[str, str]]:
    """A server in `folder`: its address, and the command that restarts it at once, as a crash would."""
    as_whom = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data = folder / "pg"
    folder.chmod(0o755)
    data.mkdir()
    if as_whom:
        shutil.chown(data, "postgres")
    options = f"-p {PORT} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    control = [*as_whom, str(program("pg_ctl")), "-D", str(data), "-w", "-l", str(data / "log")]
    init = [*as_whom, str(program("initdb")), "-D", str(data), "-A", "trust", "-U", "postgres"]
    subprocess.run([*init, "-E", "UTF8", "--locale=C.UTF-8"], check=True, capture_output=True)  # noqa: S603
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True)  # noqa: S603
    try:
        restart = f"{' '.join(control)} -m immediate restart"
        yield f"postgresql://postgres@127.0.0.1:{PORT}/postgres", restart
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True)  # noqa: S603


def storm(url: str, folder: Path, options: Sequence[str]) -> dict[str, object]:
    """One storm in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.chaos.storm", "--folder", str(folder)]
    place = {"CHAGUAN_DATABASE_URL": url, "CHAGUAN_HOME": str(folder)}
    with (folder / "log").open("w") as log:  # every refused connection of the dying is in it
        done = subprocess.run(  # noqa: S603 -- our own command line
            [*command, *options],
            cwd=ROOT,
            env=os.environ | place,
            stdout=subprocess.PIPE,
            stderr=log,
            check=False,
        )
    if done.returncode:
        raise SystemExit((folder / "log").read_text()[-3000:])
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def report(name: str, told: dict[str, object]) -> bool:
    """Print it; True when all is well."""
    from tests.chaos.test_storm import faults

    found = faults(told)
    print(f"== {name}: {'; '.join(found) if found else 'nothing lost, nothing twice, all agree'}")
    for key, value in told.items():
        print(f"   {key:28} {value}")
    return not found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgres"])
    parser.add_argument("--steps", default="100000")
    parser.add_argument("--kills", default="1000")
    parser.add_argument("--longest", default="1.0")
    options = parser.parse_args()
    wished = ["--steps", options.steps, "--kills", options.kills, "--longest", options.longest]
    is_well = True
    for name in options.databases:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            if name == "sqlite":
                told = storm(f"sqlite:///{folder / 'storm.sqlite3'}", folder, wished)
            elif not (program("initdb") and program("pg_ctl")):
                print("== postgres: SKIPPED, initdb and pg_ctl are not here")
                continue
            else:
                with own_server(folder) as (url, restart):
                    told = storm(url, folder, [*wished, "--workers", "2", "--restart", restart])
            is_well &= report(name, told)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
