"""A limited account in every window of its claim record, not only from minute to minute."""

from datetime import datetime, timedelta
from random import Random

import pytest

from chaguan.kernel.actor import Actor
from chaguan.outbox.actions import Rate, claim, plan
from chaguan.outbox.models import Bucket, OutboxRow
from chaguan.outbox.testing import NOON, make_intent, make_row

pytestmark = pytest.mark.django_db
REACHED = {1: frozenset(["say"])}


def fill(count: int) -> None:
    plan([make_intent(key=f"k{n}") for n in range(count)], actor=Actor.system("tests"), now=NOON)


def most_in(times: list[datetime], window: timedelta) -> int:
    """The most claims in any half-open window of this length: one that begins with a claim is the worst."""
    return max(sum(begin <= at < begin + window for at in times) for begin in times)


@pytest.mark.parametrize(("per_minute", "burst"), [(20, 10), (20, 3), (6, 1), (60, 30)], ids=str)
def test_no_window_exceeds_what_the_rate_allows(per_minute: int, burst: int) -> None:
    rate = Rate(per_second=(per_minute - burst) / 60, burst=burst)
    fill(200)
    chance = Random(per_minute + burst)
    now = NOON
    for _poll in range(150):
        now += timedelta(seconds=chance.choice([0, 0.05, 0.4, 1, 3, 7, 61]))
        claim(now, rates={1: rate}, reached=REACHED, limit=7)

    times = sorted(
        at for at in OutboxRow.objects.values_list("claimed_at", flat=True) if at is not None
    )
    assert len(times) > 20
    assert most_in(times, timedelta(seconds=60)) <= per_minute
    for seconds in (0.1, 1, 5, 20, 90, 300):  # and no other window either
        allowed = burst + seconds * rate.per_second
        assert most_in(times, timedelta(seconds=seconds)) <= allowed


def test_a_worker_whose_clock_is_behind_does_not_refill_the_same_time_twice() -> None:
    rate = Rate(per_second=1, burst=1)
    fill(5)
    minute = timedelta(minutes=1)
    second = timedelta(seconds=1)

    assert len(claim(NOON + minute, rates={1: rate}, reached=REACHED)) == 1
    assert claim(NOON, rates={1: rate}, reached=REACHED) == []
    assert claim(NOON + minute + second / 2, rates={1: rate}, reached=REACHED) == []
    assert len(claim(NOON + minute + second, rates={1: rate}, reached=REACHED)) == 1


def test_what_waits_for_tokens_stays_as_it_is() -> None:
    make_row(key="first")
    second = make_row(key="second")

    [row] = claim(NOON, rates={1: Rate(per_second=0, burst=1)}, reached=REACHED)

    second.refresh_from_db()
    assert row.key == "first"
    assert (second.state, second.text, second.attempts) == ("planned", "", 0)
    assert Bucket.objects.get().tokens == 0
