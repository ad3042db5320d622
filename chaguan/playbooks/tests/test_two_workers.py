"""Two workers that claim at the same moment keep the day's limits together, on PostgreSQL."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from chaguan.channels.models import Account
from chaguan.outbox.actions import claim, turns
from chaguan.outbox.contract import OutboxRow, renderers
from chaguan.outbox.testing import make_row
from chaguan.people.testing import Member
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db(transaction=True)
TEN = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)  # in Shanghai
BOTH = frozenset({"say", "touch"})
inside, go = threading.Event(), threading.Event()


@renderers.add("test.slow")
def slow(rows: Sequence[OutboxRow]) -> dict[int, str]:
    """Texts are made after the guards have counted: the first claim stands still here."""
    if not inside.is_set():
        inside.set()
        go.wait(10)
    return {row.pk: "您好" for row in rows}


@pytest.fixture(autouse=True)
def _two_writers() -> Iterator[None]:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: two claims cannot overlap")  # PostgreSQL runs it
    inside.clear()
    go.clear()
    yield
    go.set()


def in_thread(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []

    def run() -> None:
        answers.append(work())
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, answers


def waits_for_a_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone() is not None


PRIVATE: dict[str, Any] = {"kind": "touch", "room_id": None}
CASES: dict[str, tuple[dict[str, int], dict[str, Any], str]] = {
    "contacts": ({"contacts_per_day": 1}, PRIVATE, "contacts_cap"),
    "promotions to one": ({"person_per_day": 1}, PRIVATE | {"is_promotion": True}, "daily_cap"),
    "announcements": ({"community_per_day": 1}, {"is_promotion": True}, "daily_cap"),
}


@pytest.mark.parametrize("most", [500, 0], ids=["each", "all"])
@pytest.mark.parametrize("case", CASES)
def test_two_claims_at_one_moment_do_not_exceed_a_limit(
    case: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    caps, values, reason = CASES[case]
    monkeypatch.setattr(turns, "MOST", most)
    place = make_place(members=1, type="", settings={"caps": {"contacts_per_day": 9, **caps}})
    account, member = Account.objects.get().pk, Member.objects.get().pk
    mine = {"community_id": place.pk, "account_id": account, "renderer": "test.slow", **values}
    if "kind" in values:
        mine["member_id"] = member
    for number in (1, 2):
        make_row(key=f"run:1/S{number}/o{number}/r1", due_at=TEN, **mine)

    def take_one() -> list[OutboxRow]:
        return claim(TEN, rates={}, reached={account: BOTH}, limit=1)

    first, got = in_thread(take_one)
    assert inside.wait(10)
    second, also = in_thread(take_one)
    patience = time.monotonic() + 5
    while second.is_alive() and not waits_for_a_turn() and time.monotonic() < patience:
        second.join(0.02)
    go.set()
    first.join(10)
    second.join(10)

    assert [len(answer) for answer in (got[0], also[0])] == [1, 0]
    states = OutboxRow.objects.order_by("id").values_list("state", "reason")
    assert list(states) == [("claimed", ""), ("planned", reason)]


def test_others_do_not_wait() -> None:
    place = make_place(members=2)
    account = Account.objects.get().pk
    for number, member in enumerate(Member.objects.values_list("pk", flat=True)):
        make_row(
            key=f"run:1/S/e{number}/m", due_at=TEN, community_id=place.pk, account_id=account,
            renderer="test.slow", member_id=member, **PRIVATE,
        )  # fmt: skip

    def take_one() -> list[OutboxRow]:
        return claim(TEN, rates={}, reached={account: BOTH}, limit=1)

    first, got = in_thread(take_one)
    assert inside.wait(10)
    second, also = in_thread(take_one)
    second.join(10)
    assert len(also[0]) == 1
    go.set()
    first.join(10)
    assert len(got[0]) == 1
