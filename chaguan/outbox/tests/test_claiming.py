from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from chaguan.kernel.actor import Actor
from chaguan.outbox import contract
from chaguan.outbox.actions import Outcome, Rate, claim, finish, plan, requeue_lost, take_lost
from chaguan.outbox.contract import Hold
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import NOON, make_intent, make_row

pytestmark = pytest.mark.django_db
SAYS = {1: frozenset(["say"])}
MINUTE = timedelta(minutes=1)


def take(now: datetime = NOON, rates: dict[int, Rate] | None = None, limit: int = 100) -> list[str]:
    return [row.key for row in claim(now, rates=rates or {}, reached=SAYS, limit=limit)]


def state(row: OutboxRow) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.reason


def test_only_due_rows_are_taken_and_only_once() -> None:
    make_row(key="now")
    make_row(key="later", due_at=NOON + MINUTE)

    assert take() == ["now"]
    assert take() == []
    assert take(NOON + MINUTE) == ["later"]


def test_the_text_is_rendered_when_claimed() -> None:
    row = make_row()

    [claimed] = claim(NOON, rates={}, reached=SAYS)

    row.refresh_from_db()
    assert claimed.text == row.text == "水开了"
    assert (row.state, row.attempts, row.lease_until) == (
        "claimed",
        1,
        NOON + timedelta(seconds=30),
    )


def test_a_row_without_text_fails_aloud() -> None:
    row = make_row(payload={})

    assert take() == []
    assert state(row) == ("failed", "no_text")


def test_a_row_past_its_end_expires() -> None:
    row = make_row(expires_at=NOON + MINUTE)

    assert take(NOON + 2 * MINUTE) == []
    assert state(row) == ("expired", "too_late")


def test_what_the_channel_cannot_deliver_waits_for_a_person_with_its_text() -> None:
    row = make_row(kind="touch", member_id=5)

    assert take() == []
    assert state(row) == ("awaiting_person", "no_api")
    assert row.text == "水开了"


def test_what_needs_approval_waits() -> None:
    row = make_row(needs_approval=True)

    assert take() == []
    assert state(row) == ("awaiting_person", "needs_approval")


def test_guards_hold_for_good_or_until_later(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet, never = make_row(key="quiet"), make_row(key="never")
    make_row(key="fine")

    def guard(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
        return [Hold(quiet.pk, "quiet_hours", NOON + MINUTE), Hold(never.pk, "opted_out")]

    monkeypatch.setattr(contract.guards, "_items", {"tests": guard})

    assert take() == ["fine"]
    assert state(quiet) == ("planned", "quiet_hours")
    assert quiet.due_at == NOON + MINUTE
    assert state(never) == ("suppressed", "opted_out")


def test_an_account_spends_tokens_and_another_is_not_held_up() -> None:
    rates = {1: Rate(per_second=1 / 30, burst=2)}
    for n in range(4):
        make_row(key=f"limited:{n}")
    make_row(key="free", account_id=2, room_id=9)
    reached = {1: frozenset(["say"]), 2: frozenset(["say"])}

    first = [row.key for row in claim(NOON, rates=rates, reached=reached)]
    at_once = take(NOON, rates)
    after_30_s = take(NOON + timedelta(seconds=30), rates)

    assert first == ["limited:0", "limited:1", "free"]
    assert at_once == []
    assert after_30_s == ["limited:2"]


def test_no_window_of_a_minute_exceeds_the_limit() -> None:
    """20 a minute with a burst of 5 is 5 at once and 15 a minute after that."""
    rates = {1: Rate(per_second=15 / 60, burst=5)}
    intents = [make_intent(key=f"k:{n}") for n in range(100)]
    plan(intents, actor=Actor.system(), now=NOON)
    sent: list[int] = []

    for second in range(240):
        sent += [second] * len(take(NOON + timedelta(seconds=second), rates))

    busiest = max(sum(1 for at in sent if start <= at < start + 60) for start in range(240))
    assert busiest <= 20
    assert len(sent) == 5 + 15 * 240 // 60 - 1


def test_a_lost_lease_is_taken_over_and_the_old_claim_is_void() -> None:
    row = make_row()
    [dead] = claim(NOON, rates={}, reached=SAYS)
    later = NOON + MINUTE

    assert take_lost(NOON) == []
    [lost] = take_lost(later)

    assert finish(dead, Outcome("sent", external_id="x"), now=later) is False
    assert requeue_lost([lost]) == 1
    row.refresh_from_db()
    assert row.attempts == 0  # dying senders do not use up the attempts
    assert state(row) == ("planned", "")


def test_a_retry_comes_back_later_and_gives_up_in_the_end() -> None:
    row = make_row()
    now = NOON
    for _attempt in range(6):
        [claimed] = claim(now, rates={}, reached=SAYS)
        assert finish(claimed, Outcome("retry", detail="busy"), now=now)
        assert claim(now, rates={}, reached=SAYS) == []
        now += timedelta(hours=1)

    assert state(row) == ("failed", "too_many_attempts")
    assert row.detail == "busy"


def test_claiming_costs_the_same_for_one_and_for_fifty(
    django_assert_max_num_queries: object,
) -> None:
    for count in (1, 50):
        plan(
            [make_intent(key=f"{count}:{n}") for n in range(count)], actor=Actor.system(), now=NOON
        )
        with django_assert_max_num_queries(8):  # type: ignore[operator] # pytest-django's fixture
            assert len(claim(NOON, rates={1: Rate(100, 100)}, reached=SAYS)) == count
