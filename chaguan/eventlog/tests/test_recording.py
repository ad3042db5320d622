from datetime import UTC, date, datetime

import pytest

from chaguan.eventlog.actions import MAX_DEPTH, NewFact, TooDeep, append, record, record_many
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.selectors import as_logged, chain
from chaguan.eventlog.testing import recorded
from chaguan.eventlog.tests.facts import TeaDrunk, TeaPoured
from chaguan.kernel.actor import Actor

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 8, 12, 30, 15, 123456, tzinfo=UTC)
SYSTEM = Actor.system("tests")


def test_a_fact_comes_back_as_it_was_written() -> None:
    fact = TeaPoured(cups=3, day=date(2026, 3, 8), member_id=7)

    event_id = record(fact, actor=SYSTEM, at=AT)

    row = LoggedEvent.objects.get()
    assert (row.pk, row.at, row.member_id, row.actor) == (event_id, AT, 7, "system:tests")
    assert recorded() == [fact]


def test_the_same_source_id_is_written_once() -> None:
    first = record(TeaPoured(1), actor=SYSTEM, at=AT, source="pot", source_id="a")
    second = record(TeaPoured(2), actor=SYSTEM, at=AT, source="pot", source_id="a")
    other_source = record(TeaPoured(3), actor=SYSTEM, at=AT, source="can", source_id="a")

    assert first is not None
    assert other_source is not None
    assert second is None
    assert recorded() == [TeaPoured(1), TeaPoured(3)]


def test_a_repeat_inside_one_batch_is_written_once() -> None:
    facts = [(TeaPoured(n), AT) for n in (1, 2, 3)]

    written = record_many(facts, actor=SYSTEM, source="pot", source_ids=["a", "b", "a"])

    assert written == 2
    assert recorded() == [TeaPoured(1), TeaPoured(2)]


def test_bulk_costs_three_statements_per_five_thousand(
    django_assert_max_num_queries: object,
) -> None:
    rows = [
        NewFact("pot", str(n), TeaPoured.name, AT, None, None, n, "system", None, 0, {"cups": n})
        for n in range(2500)
    ]

    with django_assert_max_num_queries(3):  # type: ignore[operator] # pytest-django's fixture
        assert append(rows) == 2500
    with django_assert_max_num_queries(3):  # type: ignore[operator] # pytest-django's fixture
        assert append(rows) == 0


def test_causes_are_chained_and_a_ninth_answer_is_refused() -> None:
    event_id = record(TeaPoured(0), actor=SYSTEM, at=AT)
    for cups in range(1, MAX_DEPTH + 1):
        assert event_id is not None
        cause = as_logged(LoggedEvent.objects.get(pk=event_id))
        event_id = record(TeaDrunk(cups), actor=SYSTEM, at=AT, cause=cause)
    assert event_id is not None

    with pytest.raises(TooDeep):
        record(
            TeaDrunk(9), actor=SYSTEM, at=AT, cause=as_logged(LoggedEvent.objects.get(pk=event_id))
        )

    assert [link.data["cups"] for link in chain(event_id)] == list(range(MAX_DEPTH + 1))
    assert LoggedEvent.objects.count() == MAX_DEPTH + 1
