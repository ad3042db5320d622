import pytest

from chaguan.kernel.actor import Actor
from chaguan.outbox.actions import (
    Outcome,
    approve,
    cancel,
    cancel_one,
    claim,
    decide_unknown,
    finish,
    release,
    retry,
    sent_by_person,
)
from chaguan.outbox.actions.deciding import NotInThatState
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import NOON, make_row

pytestmark = pytest.mark.django_db
LI = Actor.staff(3)


def in_state(state: str, **over: object) -> OutboxRow:
    row = make_row()
    OutboxRow.objects.filter(pk=row.pk).update(state=state, **over)
    return row


def look(row: OutboxRow) -> tuple[str, str, str]:
    row.refresh_from_db()
    return row.state, row.reason, row.decided_by


def test_an_unknown_row_that_arrived_is_sent() -> None:
    row = in_state("unknown")

    decide_unknown(LI, row.pk, arrived=True, now=NOON)

    assert look(row) == ("sent", "seen_by_person", "staff:3")


def test_an_unknown_row_that_did_not_arrive_goes_in_line_again() -> None:
    row = in_state("unknown")

    decide_unknown(LI, row.pk, arrived=False, now=NOON)

    assert look(row) == ("planned", "", "staff:3")


def test_two_people_cannot_decide_the_same_doubt() -> None:
    row = in_state("unknown")
    decide_unknown(LI, row.pk, arrived=True, now=NOON)

    with pytest.raises(NotInThatState):
        decide_unknown(Actor.staff(4), row.pk, arrived=False, now=NOON)

    assert look(row) == ("sent", "seen_by_person", "staff:3")


def test_approval_puts_it_in_line() -> None:
    row = in_state("awaiting_person", reason="needs_approval", needs_approval=True)

    approve(LI, row.pk, now=NOON)

    assert look(row) == ("planned", "", "staff:3")
    assert row.needs_approval is False


def test_assisted_sending_is_not_approved_but_ticked_off() -> None:
    row = in_state("awaiting_person", reason="no_api")

    with pytest.raises(NotInThatState):
        approve(LI, row.pk, now=NOON)
    sent_by_person(LI, row.pk, now=NOON)

    assert look(row) == ("sent", "by_person", "staff:3")


def test_a_held_row_can_be_released() -> None:
    row = in_state("suppressed", reason="daily_cap")

    release(LI, row.pk, now=NOON)

    assert look(row) == ("planned", "", "staff:3")
    assert row.is_urgent is True


def test_a_planned_row_without_a_hold_has_nothing_to_release() -> None:
    row = make_row()

    with pytest.raises(NotInThatState):
        release(LI, row.pk, now=NOON)


def test_a_failed_row_can_be_tried_again() -> None:
    row = make_row()
    [claimed] = claim(NOON, rates={}, reached={1: frozenset(["say"])})
    finish(claimed, Outcome("failed", detail="no such room"), now=NOON)

    retry(LI, row.pk, now=NOON)

    assert look(row) == ("planned", "", "staff:3")
    assert row.attempts == 0


def test_what_is_on_its_way_cannot_be_cancelled() -> None:
    row = make_row()
    claim(NOON, rates={}, reached={1: frozenset(["say"])})

    with pytest.raises(NotInThatState):
        cancel_one(LI, row.pk, now=NOON)

    assert look(row)[0] == "claimed"


def test_cancelling_needs_a_filter_and_spares_the_others() -> None:
    mine = make_row(key="run:1/a", community_id=1)
    other = make_row(key="run:2/a", community_id=1)

    assert cancel(LI, now=NOON, reason="run_stopped") == 0
    assert cancel(LI, now=NOON, reason="run_stopped", key_prefix="run:1/") == 1

    assert look(mine) == ("cancelled", "run_stopped", "staff:3")
    assert look(other)[0] == "planned"
