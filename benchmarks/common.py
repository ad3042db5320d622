"""Shared by the benchmarks: a fresh installation to measure in, and how figures are printed.

Figures of one run are compared with each other only: the product's rate beside the rate of the bare
statement on the same rows, in the same process, on the same machine. `prepare` comes before any import
of the product.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"


def arguments(description: str, *, rows: int) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rows", type=int, default=rows)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    return parser


@contextmanager
def prepare(database: str) -> Iterator[Path]:
    """A migrated, empty installation in a folder of its own; everything is removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="chaguan-bench-"))
    sys.path.insert(0, str(ROOT))
    os.environ["CHAGUAN_HOME"] = str(home)
    os.environ["CHAGUAN_LOG_LEVEL"] = "WARNING"
    os.environ["DJANGO_SETTINGS_MODULE"] = "chaguan.config.settings"
    os.environ.pop("CHAGUAN_DATABASE_URL", None)
    server = os.environ.get("CHAGUAN_TEST_POSTGRES", DEFAULT_POSTGRES)
    name = f"bench_{uuid.uuid4().hex[:12]}"
    if database == "postgres":
        _on_server(server, f'CREATE DATABASE "{name}"')
        os.environ["CHAGUAN_DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    try:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0, skip_checks=True)
        yield home
    finally:
        from django.db import connections

        for connection in connections.all():
            connection.close()
            getattr(connection, "close_pool", lambda: None)()
        if database == "postgres":
            _on_server(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(home, ignore_errors=True)


def _on_server(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def peak_mib() -> int:
    """The most memory this process has used so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform != "darwin" else peak // 1024**2


class Stopwatch:
    """Adds up the seconds inside `with`: on the wall, and of the processors, which other people's work spares.

    The processors' seconds are this process's and, for PostgreSQL on this machine, its server process's.
    """

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def __enter__(self) -> "Stopwatch":
        self._began = time.perf_counter(), cpu_seconds()
        return self

    def __exit__(self, *_error: object) -> None:
        wall, cpu = self._began
        self.wall += time.perf_counter() - wall
        self.cpu += cpu_seconds() - cpu


def cpu_seconds() -> float:
    """What this process and the server process of its connection have computed so far."""
    from django.db import connection

    server = 0.0
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        status = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
        if status.exists():
            ticks = status.read_text().rpartition(")")[2].split()[11:13]
            server = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return time.process_time() + server


def show(label: str, value: float, unit: str) -> None:
    """One line of the result."""
    print(f"{label:<44}{value:>14,.0f} {unit}", flush=True)


def show_ratio(label: str, product: float, bare: float, bar: float) -> None:
    """The product against the bare limit of the same run, with the bar it should clear."""
    print(f"{label:<44}{product / bare:>14.2f} (bar: {bar})", flush=True)


def show_against(name: str, product: Stopwatch, label: str, bare: Stopwatch, bar: float) -> None:
    """Both ratios, on the wall and of the processors, for the same rows on both sides."""
    show_ratio(f"{name} / {label}", bare.wall, product.wall, bar)
    show_ratio(f"{name} / {label}, processor time", bare.cpu, product.cpu, bar)
