"""Whoever looks at a preview keeps nobody from writing: on SQLite, where one writer shuts out all others."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from chaguan.outbox.models import OutboxRow
from chaguan.people.testing import Member
from chaguan.playbooks.actions.preview import Preview, preview_run
from chaguan.playbooks.actions.runs import Start
from chaguan.playbooks.engine.catalogue import forget
from chaguan.playbooks.models import Occurrence, Run
from chaguan.playbooks.testing import MONDAY, SYSTEM, make_edition, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db(transaction=True)
TOUCH = {"track": "person", "kind": "touch", "audience": "person"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Path]:
    """The test's database as a file of its own, so that two connections meet as in a real house."""
    if connection.vendor != "sqlite":
        # Nothing to prove there: only SQLite has one writer.
        pytest.skip("on PostgreSQL writers do not shut each other out")
    path, before = tmp_path / "house.sqlite3", connections["default"]
    before.ensure_connection()
    with sqlite3.connect(path) as copy:
        before.connection.backup(copy)
    copy.close()
    connections["default"] = type(before)({**before.settings_dict, "NAME": str(path)}, "default")
    forget()
    try:
        yield path
    finally:
        connection.close()
        connections["default"] = before
        forget()


def play_while_others_write(path: Path, *steps: dict[str, Any]) -> tuple[Preview, int, int]:
    """A preview, and how often another connection could write meanwhile, and how often it was shut out."""
    place = make_place(type="")
    edition = make_edition(*steps)
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    tries = {"written": 0, "locked": 0}

    def and_write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        try:
            other.execute("UPDATE communities_community SET name = name || '.'")
            tries["written"] += 1
        except sqlite3.OperationalError as error:
            tries["locked"] += "locked" in str(error)
        return found

    start = Start(MONDAY.date() + timedelta(days=1))
    with connection.execute_wrapper(and_write):
        preview = preview_run(SYSTEM, edition.pk, place.pk, start, now=MONDAY, days=3)
    other.close()
    return preview, tries["written"], tries["locked"]


def test_others_write_while_a_preview_plays(house: Path) -> None:
    wait = {"with": {"fact": "channels.message_posted", "within": "6h"}}
    preview, written, locked = play_while_others_write(
        house,
        make_step(offset="daily 10:00"),
        make_step(id="P", offset="P1 11:00", promotion=True, **TOUCH),
        make_step(id="W", offset="P1 12:00", track="person", kind="wait_for", text=None, **wait),
        make_step(id="T", offset="T+1h", after="W.timeout", mode="assist", **TOUCH),
    )
    assert {planned.step for planned in preview.planned} == {"A-1", "P", "T"}
    assert written > 50
    assert locked == 0
    assert Run.objects.count() == Occurrence.objects.count() == OutboxRow.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM temp.sqlite_master")
        assert cursor.fetchone() == (0,)


def test_a_preview_that_changes_people_on_paper_locks_and_changes_nobody(house: Path) -> None:
    stage = make_step(
        id="S", offset="P1 11:00", track="person", kind="set_stage", audience="person", text=None,
        **{"with": {"stage": "bought"}},
    )  # fmt: skip
    preview, _written, locked = play_while_others_write(house, make_step(), stage)
    assert len(preview.planned) == 1
    assert locked > 0
    assert not Member.objects.filter(stage="bought").exists()
