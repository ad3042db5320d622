from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.eventlog import contract
from chaguan.eventlog.actions import record
from chaguan.eventlog.contract import Batch, Subscriber, subscribers
from chaguan.eventlog.models import ParkedEvent, Subscription
from chaguan.eventlog.parking import dismiss, replay, retry
from chaguan.eventlog.pump import _pass_by, pump, pump_all
from chaguan.eventlog.reading import Position, Windows
from chaguan.eventlog.selectors import lag, parked
from chaguan.eventlog.tests.facts import TeaDrunk, TeaPoured
from chaguan.kernel.actor import Actor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
SYSTEM = Actor.system("tests")


class Drinker:
    """Adds up cups; refuses poison (13 cups) until it is cured."""

    def __init__(self) -> None:
        self.cups: list[int] = []
        self.calls = 0
        self.is_cured = False

    def __call__(self, batch: Batch) -> None:
        self.calls += 1
        cups = [logged.data["cups"] for logged in batch]
        if 13 in cups and not self.is_cured:
            raise ValueError("thirteen cups")
        self.cups += cups


@pytest.fixture
def drinker(monkeypatch: pytest.MonkeyPatch) -> Drinker:
    handler = Drinker()
    wanted = frozenset([TeaPoured.name])
    monkeypatch.setitem(
        contract._subscribers, "tests.drinker", Subscriber("tests.drinker", wanted, handler, 3)
    )
    return handler


def subscriber() -> Subscriber:
    return contract._subscribers["tests.drinker"]


def pour(*cups: int) -> None:
    for n in cups:
        record(TeaPoured(n), actor=SYSTEM, at=NOW)


def test_batches_come_in_order_and_once(drinker: Drinker) -> None:
    pour(1, 2, 3, 4)
    record(TeaDrunk(99), actor=SYSTEM, at=NOW)

    read = [pump(subscriber(), NOW) for _ in range(4)]

    assert read == [3, 2, 0, 0]
    assert drinker.cups == [1, 2, 3, 4]  # the other fact was read past, not handed over
    assert drinker.calls == 2


def test_poison_is_parked_and_the_stream_goes_on(drinker: Drinker) -> None:
    pour(1, 13, 3, 4)

    pump(subscriber(), NOW)
    pump(subscriber(), NOW)

    assert drinker.cups == [1, 3, 4]
    assert [(row.event.data["cups"], row.error) for row in parked()] == [
        (13, "ValueError: thirteen cups")
    ]


def test_a_parked_fact_can_be_retried(drinker: Drinker) -> None:
    pour(13)
    pump(subscriber(), NOW)
    row = ParkedEvent.objects.get()

    assert retry(Actor.staff(1), row.pk, now=NOW) is False
    drinker.is_cured = True
    assert retry(Actor.staff(1), row.pk, now=NOW) is True

    row.refresh_from_db()
    assert (row.state, row.decided_by, row.attempts) == ("retried", "staff:1", 5)
    assert drinker.cups == [13]


def test_a_parked_fact_can_be_dismissed(drinker: Drinker) -> None:
    pour(13)
    pump(subscriber(), NOW)

    dismiss(Actor.staff(1), ParkedEvent.objects.get().pk, now=NOW)

    assert list(parked()) == []
    assert ParkedEvent.objects.get().state == "dismissed"


def test_replay_reads_again_from_an_old_position(drinker: Drinker) -> None:
    pour(1, 2, 3)
    pump(subscriber(), NOW)
    second = int(Subscription.objects.get().position) - 1

    left = replay(SYSTEM, "tests.drinker", since_id=second, now=NOW)
    pump(subscriber(), NOW)

    assert left == 2
    assert drinker.cups == [1, 2, 3, 2, 3]


def test_lag_counts_what_is_unread(drinker: Drinker) -> None:
    pour(1, 2, 3, 4)
    pump(subscriber(), NOW)

    unread = {entry.subscriber: entry.facts for entry in lag(NOW)}

    assert unread["tests.drinker"] == 1


def test_who_wants_nothing_of_a_window_passes_by_uncalled_and_misses_nothing(
    drinker: Drinker,
) -> None:
    pour(1)
    while pump_all(NOW):
        pass
    for cups in range(5):
        record(TeaDrunk(cups), actor=SYSTEM, at=NOW)
    pour(2)

    rounds = 0
    while pump_all(NOW):
        rounds += 1

    assert rounds == 2  # windows of three: one to pass by, one to read
    assert drinker.cups == [1, 2]
    assert drinker.calls == 2
    assert len(set(Subscription.objects.values_list("position", "position_xact"))) == 1


def test_passing_by_moves_nobody_who_has_gone_on(drinker: Drinker) -> None:
    pour(1, 2, 3, 4)
    stale = Windows().after(Position(), 3)
    for _ in range(2):
        pump(subscriber(), NOW)
    before = Subscription.objects.get()

    assert _pass_by(stale, ["tests.drinker"], NOW) == 0
    assert Subscription.objects.get().position == before.position


def test_subscribers_at_one_place_share_what_is_read(drinker: Drinker) -> None:
    pour(1)
    while pump_all(NOW):
        pass
    pour(2, 3)

    with CaptureQueriesContext(connection) as asked:
        pump_all(NOW)

    reads = [q for q in asked.captured_queries if "caused_by" in q["sql"] and "LIMIT" in q["sql"]]
    assert len(subscribers()) > 3
    assert len(reads) == 2  # one for batches of three, one for all others
