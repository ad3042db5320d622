"""A run as a board: each dated step stands in the column of what became of it."""

from datetime import timedelta
from typing import Any

import pytest

from chaguan.channels import contract
from chaguan.channels.contract import DeliveryError
from chaguan.channels.testing import Scripted, make_account
from chaguan.communities.testing import make_community, make_room, make_staff
from chaguan.playbooks.actions.runs import pause_run, skip_step
from chaguan.playbooks.models import Occurrence, Run
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.board import BoardColumn, board_of
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_and_send,
    live_through,
    make_run,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def columns(run: Run, hours: float, **asked: Any) -> dict[str, list[str]]:
    found = board_of(run, now=MONDAY + hours * HOUR, **asked)
    return {column.code: [card.step.code for card in column.cards] for column in found}


def column(run: Run, code: str, hours: float) -> BoardColumn:
    return next(c for c in board_of(run, now=MONDAY + hours * HOUR) if c.code == code)


def test_every_dated_step_stands_in_one_column_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused, lost = DeliveryError("no such room", retry=False), ValueError("lost")
    scripted = Scripted("sent-1", refused, lost, is_idempotent=False)
    items = {**dict(contract.connectors), "scripted": scripted}
    monkeypatch.setattr(contract.connectors, "_items", items)
    place = make_community()
    make_room(place, connector="scripted", account_id=make_account("scripted").pk)
    me = make_staff("community_manager")
    run = make_run(
        make_step(id="DONE", offset="D1 10:00"),
        make_step(id="FAILED", offset="D1 11:00"),
        make_step(id="UNKNOWN", offset="D1 12:00"),
        make_step(id="PERSON", offset="D1 13:00", mode="assist", actor="operator"),
        make_step(id="HELD", offset="D1 23:00", lateness="send"),
        make_step(id="SKIPPED", offset="D2 10:00"),
        make_step(id="COMING", offset="D3 10:00"),
        community=place,
        people={"operator": Person(user_id=me.user_id)},
    )
    skip_step(SYSTEM, run.pk, "SKIPPED", "放假", now=MONDAY)
    live_and_send(MONDAY, MONDAY + 4.5 * HOUR, step=HOUR / 2)
    live_and_send(MONDAY + 14 * HOUR, MONDAY + 14.2 * HOUR, step=HOUR / 10)

    assert columns(run, 4.5) == {
        "unknown": ["UNKNOWN"],
        "failed": ["FAILED"],
        "late": [],
        "held": ["HELD"],
        "waiting": ["PERSON", "COMING"],
        "done": ["DONE"],
        "skipped": ["SKIPPED"],
    }
    assert columns(run, 14.2)["late"] == ["PERSON"]
    assert column(run, "failed", 5).reasons == [("refused_by_channel", 1)]
    assert column(run, "held", 5).reasons == [("quiet_hours", 1)]
    assert column(run, "skipped", 5).reasons == [("放假", 1)]
    asking = {card.step.code: card.is_asking for card in column(run, "waiting", 5).cards}
    assert asking == {"PERSON": True, "COMING": False}


def test_missed_steps_are_late_and_a_paused_run_holds_what_was_to_come() -> None:
    run = make_run(
        make_step(id="MISSED", offset="D1 10:00"),
        make_step(id="NEXT", offset="D2 10:00"),
        community=make_place(),
    )
    assert columns(run, 2)["late"] == ["MISSED"]  # the worker is off
    live_through(MONDAY + 10 * HOUR, MONDAY + 10 * HOUR)
    assert column(run, "late", 10).reasons == [("late", 1)]

    run = pause_run(SYSTEM, run.pk, now=MONDAY + 11 * HOUR)

    assert columns(run, 11)["held"] == ["NEXT"]
    assert column(run, "held", 11).reasons == [("run_paused", 1)]


def test_people_on_a_personal_track_are_one_card_per_step() -> None:
    run = make_run(
        make_step(
            id="P", track="person", kind="touch", audience="person", offset="P1 10:00", text="您好"
        ),
        community=make_place(members=3),
    )
    assert columns(run, 0)["waiting"] == ["P"]

    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)

    (card,) = column(run, "done", 2).cards
    assert (card.people, card.amount, card.at) == (3, 3, None)


def test_thousands_of_steps_are_paged_with_the_same_queries(
    django_assert_num_queries: Any,
) -> None:
    run = make_run(make_step(offset="D1 10:00"), community=make_place())
    step = run.edition.steps.get()
    Occurrence.objects.bulk_create(
        Occurrence(run=run, step=step, slot=f"n{n}", due_at=MONDAY + n * HOUR) for n in range(3000)
    )

    with django_assert_num_queries(5):
        shown = column(run, "waiting", -1)
    assert (shown.total, len(shown.cards), shown.pages) == (3001, 12, 251)
    (waiting,) = board_of(run, now=MONDAY - HOUR, only="waiting", page=2, size=1000)
    assert (len(waiting.cards), waiting.page, waiting.pages) == (1000, 2, 4)
