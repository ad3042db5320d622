import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from chaguan.channels.models import Rehearsal
from chaguan.communities.testing import make_staff, make_stranger
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.runs import shift_run
from chaguan.playbooks.reading import load_playbook
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.calendar import calendar_of
from chaguan.playbooks.selectors.library import (
    edition_board,
    editions_visible_to,
    lead_days,
    playbooks_visible_to,
    scripts_visible_to,
)
from chaguan.playbooks.selectors.runs import run_board, run_calendar
from chaguan.playbooks.selectors.sheets import sheet_of
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_and_send,
    live_through,
    make_document,
    make_edition,
    make_run,
    make_script,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@contextmanager
def counting() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def test_the_library_shows_what_fits_and_how_often_it_runs() -> None:
    place = make_place()
    make_run(edition=make_edition(key="for_all"), community=place)
    make_edition(key="for_camps", **{"for": ["camp"]})
    boss = make_staff("planning_lead")

    assert {(p.key, vars(p)["open_runs"]) for p in playbooks_visible_to(boss)} == {
        ("for_all", 1),
        ("for_camps", 0),
    }
    assert [p.key for p in playbooks_visible_to(boss, "newcomer")] == ["for_all"]
    assert editions_visible_to(boss).count() == 2


def test_a_stranger_sees_no_playbook_edition_or_wording() -> None:
    make_script()
    make_edition()
    stranger = make_stranger()

    assert list(playbooks_visible_to(stranger)) == []
    assert list(editions_visible_to(stranger)) == []
    assert list(scripts_visible_to(stranger)) == []


def test_an_edition_is_laid_out_by_day_and_track() -> None:
    edition = make_edition(
        make_step(offset="D1–D2 08:00"),
        make_step(id="B", offset="D-1 20:00"),
        make_step(id="C", offset="P2 09:00", track="person", kind="touch", audience="person"),
        make_step(id="D", offset="daily 07:00"),
        make_step(id="E", offset="on:silence_4h"),
    )

    board = edition_board(edition)

    assert [column.label for column in board.columns] == ["D-1", "D1", "D2", "calendar", "trigger"]
    cells = {
        lane.key: [[card.row.code for card in cell] for cell in lane.cells] for lane in board.lanes
    }
    assert cells == {
        "room": [["B"], ["A-1"], ["A-1"], ["D"], ["E"]],
        "person": [[], [], ["C"], [], []],
    }


def test_the_board_tells_each_steps_state() -> None:
    boss = make_staff("community_manager")
    run = make_run(
        make_step(id="SENT"),
        make_step(id="WAITS", offset="D1 11:00", mode="assist", actor="operator"),
        make_step(id="HALF", offset="D1 10:30, D2 10:30"),
        make_step(id="COMES", offset="D2 12:00"),
        make_step(id="NEEDS", offset="D1 10:00", needs="以后的功能"),
        make_step(id="PEOPLE", offset="P1 10:00", track="person", kind="touch", audience="person"),
        community=make_place(members=2),
        people={"operator": Person(user_id=boss.user_id)},
    )
    live_and_send(MONDAY, MONDAY + 3 * HOUR, step=HOUR / 2)

    board = run_board(run)

    assert {line.step.code: line.state for line in board.lines} == {
        "SENT": "done",
        "WAITS": "waiting_person",
        "HALF": "going",
        "COMES": "waiting",
        "NEEDS": "needs",
        "PEOPLE": "done",
    }
    people = next(line for line in board.lines if line.step.code == "PEOPLE")
    assert (people.due, people.messages) == (2, {"sent": 2})
    assert board.people == {"done": 2}
    assert Rehearsal.objects.count() == 4
    OutboxRow.objects.filter(key__contains="/SENT/").update(state="unknown")
    assert next(line.state for line in run_board(run).lines) == "unknown"


def test_the_calendar_has_a_day_for_each_day_with_steps() -> None:
    run = make_run(make_step(offset="D1 10:00, D3 10:00, D9 10:00"), community=make_place())

    days = run_calendar(run, date(2026, 1, 5), date(2026, 1, 10))

    assert [(entry.day.day, len(entry.steps)) for entry in days] == [(5, 1), (7, 1)]


def test_what_people_got_stays_on_its_day_when_the_run_is_moved() -> None:
    boss = make_staff("community_manager")
    each = {"track": "person", "kind": "touch", "audience": "person"}
    run = make_run(
        make_step(id="AUTO", offset="D1 10:00, D3 10:00", **each),
        make_step(id="YES", offset="D1 11:00, D3 11:00", mode="assist", actor="operator", **each),
        community=make_place(members=2),
        people={"operator": Person(user_id=boss.user_id)},
    )
    live_and_send(MONDAY, MONDAY + 3 * HOUR, step=HOUR / 2)
    shift_run(SYSTEM, run.pk, 2, now=MONDAY + 3 * HOUR)
    run.refresh_from_db()

    with clock.moved_to(MONDAY + 3 * HOUR):
        days = calendar_of(run, date(2026, 1, 5), date(2026, 1, 12))

    told = {day.day: [(e.step.code, e.people) for e in entries] for day, entries in days.items()}
    both = [("AUTO", 2), ("YES", 2)]
    assert told == {5: both, 9: both}


@pytest.mark.parametrize("what", ["board", "sheet"])
def test_screens_ask_as_often_for_three_rows_as_for_one(what: str) -> None:
    boss = make_staff("community_manager")
    people = {"operator": Person(user_id=boss.user_id)}

    def asked(offset: str) -> int:
        run = make_run(
            make_step(offset=offset, mode="assist", actor="operator"),
            community=make_place(),
            people=people,
        )
        live_through(MONDAY, MONDAY + 6 * HOUR)
        look(boss, run, what)  # the edition's steps are read once per process
        with counting() as statements:
            look(boss, run, what)
        return len(statements)

    assert asked("D1 10:00") == asked("D1 10:00, D1 11:00, D1 12:00, D1 20:00")


def look(actor: Actor, run: Any, what: str) -> None:
    if what == "board":
        run_board(run)
    else:
        sheet_of(actor, date(2026, 1, 5), SHANGHAI, now=MONDAY + 6 * HOUR)


def test_a_start_allows_for_what_comes_before_the_first_day() -> None:
    def days(*offsets: str) -> int:
        steps = [make_step(id=f"A-{n}", offset=offset) for n, offset in enumerate(offsets)]
        return lead_days(load_playbook(json.dumps(make_document(*steps))))

    assert days("D1 08:00", "daily 09:00") == 0
    assert days("D1 08:00", "D-10 10:00", "D-3 15:00") == 10
    assert days("H-72", "D-1 12:00") == 3
