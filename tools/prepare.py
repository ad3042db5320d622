#!/usr/bin/env python3
"""Brings the database up to date; fills a new one with the demo community."""

import os
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

DEMO = "chaguan.config.demo"


def prepare() -> None:
    """Apply what is missing. A database that had no tables before gets the demo, once."""
    from chaguan.config.schema import apply_migrations
    from chaguan.kernel.clock import now

    was_empty = apply_migrations()
    if not was_empty or not settings.WITH_DEMO or find_spec(DEMO) is None:
        return
    print("Filling the new database with the demo community …", flush=True)
    started_s = time.monotonic()
    import_module(DEMO).build(now())
    print(f"The demo community is ready ({time.monotonic() - started_s:.0f} s).", flush=True)


def main() -> int:
    try:
        django.setup()
        prepare()
    except (ImproperlyConfigured, DatabaseError) as error:
        print(f"The database could not be prepared: {error}".strip(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
