"""Two payers at once, in transactions of their own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from chaguan.communities.testing import make_community, make_member
from chaguan.engagement.testing import local, sign_in_days
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.selectors import as_logged
from chaguan.kernel.actor import Actor
from chaguan.rewards.actions.by_hand import Movement, award_points, spend_points
from chaguan.rewards.actions.by_rule import pay_by_rules
from chaguan.rewards.errors import NotEnoughPoints
from chaguan.rewards.models import Entry
from chaguan.rewards.selectors.ledger import balance_of, proof

pytestmark = pytest.mark.django_db(transaction=True)
NOW = local(2026, 3, 8)
SYSTEM = Actor.system("test")


@pytest.fixture(autouse=True)
def _two_writers() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time; this is about two")


def test_same_facts_paid_by_two_workers_at_once_pay_once() -> None:
    community = make_community()
    for _ in range(5):
        sign_in_days(community.pk, make_member(community).pk, until=NOW, days=3)
    batch = [as_logged(row) for row in LoggedEvent.objects.order_by("id")]

    def pay(_worker: int) -> int:
        try:
            return pay_by_rules(SYSTEM, batch)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(pay, range(4)))

    assert sorted(written) == [0, 0, 0, 15]
    assert Entry.objects.count() == 15
    assert proof() == []


def test_last_points_are_spent_by_one_of_two() -> None:
    community = make_community()
    member = make_member(community)
    award_points(SYSTEM, Movement(community.pk, member.pk, 10, "奖励", "gift"), now=NOW)

    def spend(number: int) -> bool:
        try:
            wish = Movement(community.pk, member.pk, 10, "换茶样", f"wish:{number}")
            spend_points(Actor.member(member.pk), wish, now=NOW)
        except NotEnoughPoints:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(spend, range(4)))

    assert sorted(results) == [False, False, False, True]
    assert balance_of(community.pk, member.pk) == 0
    assert proof() == []
