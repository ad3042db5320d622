"""What `chaguan check` looks at: each look is a function that yields findings."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection

from chaguan.communities.models import Community
from chaguan.config.heartbeat import DEAD_AFTER, silence
from chaguan.config.models import WorkerBeat
from chaguan.config.schema import missing_migrations
from chaguan.eventlog.contract import catalogue, subscribers
from chaguan.kernel.registry import Registry

LEAST_FREE_BYTES = 500 * 1024**2


@dataclass(frozen=True)
class Finding:
    """One line of the answer. A problem makes the command exit with 2, a remark does not."""

    subject: str
    sentence: str
    is_problem: bool = False


Look = Callable[[], Iterator[Finding]]


def state_folder() -> Iterator[Finding]:
    """The folder exists, is ours to write, closed to others, and has room."""
    home = settings.HOME
    if not os.access(home, os.W_OK):
        yield Finding("state folder", f"{home} cannot be written.", is_problem=True)
        return
    if stat.S_IMODE(home.stat().st_mode) & 0o077:
        yield Finding("state folder", f"{home} is open to other logins of this machine: chmod 700.")
    free = shutil.disk_usage(home).free
    is_tight = free < LEAST_FREE_BYTES
    yield Finding("state folder", f"{home}, {free / 1024**3:.1f} GiB free.", is_problem=is_tight)


def database() -> Iterator[Finding]:
    """It answers, and has the tables of this version."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        version = ".".join(map(str, connection.get_database_version()))
        yield Finding("database", f"{connection.display_name} {version} answers.")
        missing = missing_migrations()
    except DatabaseError as error:
        yield Finding("database", f"It does not answer: {error}".strip(), is_problem=True)
        return
    if missing:
        yield Finding(
            "migrations",
            f"{len(missing)} are missing, the first is {missing[0]}; `chaguan serve` applies them.",
            is_problem=True,
        )
    else:
        yield Finding("migrations", "All are applied.")


def registries() -> Iterator[Finding]:
    """Every registry has loaded; an empty one with a folder of its own is a broken installation."""
    for app in apps.get_app_configs():
        if not app.name.startswith("chaguan.") or find_spec(f"{app.name}.contract") is None:
            continue
        for registry in registries_of(f"{app.name}.contract"):
            if len(registry):
                yield Finding("registry", f"{len(registry)} of {registry.kind} ({app.label}).")
            elif registry.folder:
                sentence = f"Nothing in the registry of {registry.kind} ({app.label})."
                yield Finding("registry", sentence, is_problem=True)
    facts, readers = len(list(catalogue())), len(subscribers())
    yield Finding("registry", f"{facts} facts, {readers} subscribers.", is_problem=not facts)


def registries_of(contract: str) -> list[Registry[object]]:
    """The registries that an app's contract names."""
    named = vars(import_module(contract)).values()
    found = {id(value): value for value in named if isinstance(value, Registry)}
    return sorted(found.values(), key=lambda registry: registry.kind)


def built_files() -> Iterator[Finding]:
    """The files for browsers and the Chinese texts are there."""
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        yield Finding("files", "The files for browsers are not collected; `make run` does it.")
    if not any((path / "zh_Hans/LC_MESSAGES/django.mo").exists() for path in settings.LOCALE_PATHS):
        yield Finding("texts", "The Chinese texts are not compiled; `make run` does it.")


def worker() -> Iterator[Finding]:
    """Some worker gave a sign of life lately."""
    try:
        silent = silence(datetime.now(UTC))
    except DatabaseError:
        return
    if silent is None:
        yield Finding("worker", "None runs; `chaguan serve` starts one.")
    elif silent > DEAD_AFTER:
        yield Finding("worker", f"Silent for {silent.total_seconds():.0f} s.", is_problem=True)
    else:
        yield Finding("worker", "Alive.")


def django_checks() -> Iterator[Finding]:
    """What Django itself complains about."""
    for message in checks.run_checks():
        if message.level >= checks.WARNING and not message.is_silenced():
            yield Finding("django", message.msg, is_problem=message.level >= checks.ERROR)


def production() -> Iterator[Finding]:
    """What a rehearsal may do and a house with real people may not. Every finding is a problem."""
    refusals = {
        "CHAGUAN_DEMO is on: the demo community is for looking around.": settings.IS_DEMO,
        "CHAGUAN_DEBUG is on: error pages would show source and settings.": settings.DEBUG,
        f"CHAGUAN_BASE_URL is {settings.BASE_URL}; members' links and log-ins need https.": (
            not settings.HTTPS
        ),
        "CHAGUAN_CLOCK_FILE is set: the clock can be moved from outside.": (
            "CHAGUAN_CLOCK_FILE" in os.environ
        ),
        "CHAGUAN_SECONDS is set: the server would end by itself.": "CHAGUAN_SECONDS" in os.environ,
        "CHAGUAN_HOSTS is not set: name the hosts this house answers to.": (
            not os.environ.get("CHAGUAN_HOSTS")
        ),
        "CHAGUAN_HOSTS allows every host; name yours.": "*" in settings.ALLOWED_HOSTS,
        "The secret key is shorter than 50 characters.": len(settings.SECRET_KEY) < 50,
        "SQLite is used from several machines; use PostgreSQL (CHAGUAN_DATABASE_URL).": (
            settings.DATABASE_IS_SQLITE and machines() > 1
        ),
    }
    if has_demo():
        refusals["The demo communities are in this database; begin with a new one."] = True
    for sentence, is_so in refusals.items():
        if is_so:
            yield Finding("deploy", sentence, is_problem=True)


def has_demo() -> bool:
    """Whether the invented people of the demo live in this database."""
    try:
        return Community.objects.filter(settings__has_key="demo").exists()
    except DatabaseError:
        return False


def machines() -> int:
    """How many machines run workers, judging by their signs of life."""
    try:
        names = WorkerBeat.objects.values_list("worker", flat=True)
        return len({name.rpartition(":")[0] for name in names})
    except DatabaseError:
        return 0


LOOKS: tuple[Look, ...] = (
    state_folder,
    database,
    registries,
    built_files,
    worker,
    django_checks,
)
