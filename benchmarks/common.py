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


def show(label: str, value: float, unit: str) -> None:
    """One line of the result."""
    print(f"{label:<44}{value:>14,.0f} {unit}", flush=True)


def show_ratio(label: str, product: float, bare: float, bar: float) -> None:
    """The product against the bare limit of the same run, with the bar it should clear."""
    print(f"{label:<44}{product / bare:>14.2f} (bar: {bar})", flush=True)
