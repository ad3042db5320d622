"""Points by rule: values, caps, re-delivery."""

from datetime import date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from chaguan.communities.testing import make_community, make_member
from chaguan.engagement.actions.check_in import check_in
from chaguan.engagement.events import SignedIn
from chaguan.engagement.testing import local, make_ask, sign_in_days
from chaguan.eventlog.actions import record
from chaguan.eventlog.contract import Logged
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.selectors import as_logged
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Refused
from chaguan.rewards.actions.by_rule import pay_by_rules
from chaguan.rewards.events import PointsAwarded
from chaguan.rewards.models import Entry
from chaguan.rewards.selectors.ledger import balance_of, proof
from chaguan.rewards.selectors.policy import rules_for

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def signed_in(
    community_id: int, member_id: int, at: datetime, streak: int = 1, actor: Actor = SYSTEM
) -> None:
    record(SignedIn(community_id, member_id, at.date(), streak), actor=actor, at=at)


def logged() -> list[Logged]:
    return [as_logged(row) for row in LoggedEvent.objects.order_by("id")]


def test_sign_in_pays_two_points_and_tells_the_log_why() -> None:
    community = make_community()
    member = make_member(community)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 8), days=1)

    drain()

    entry = Entry.objects.get()
    cause = LoggedEvent.objects.get(name=SignedIn.name)
    assert (entry.rule, entry.points, entry.event_id, entry.day) == (
        "daily_sign_in", 2, cause.pk, date(2026, 3, 8),
    )  # fmt: skip
    assert (entry.source.house, entry.source.balance) == ("issued", -2)
    assert recorded(PointsAwarded.name) == [
        PointsAwarded(community.pk, member.pk, 2, "daily_sign_in", entry.pk, 2)
    ]
    told = LoggedEvent.objects.get(name=PointsAwarded.name)
    assert (told.caused_by, told.depth) == (cause.pk, 1)


def test_seventh_day_adds_ten_once_per_unbroken_run() -> None:
    community = make_community()
    member = make_member(community)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 31), days=21)

    drain()

    assert balance_of(community.pk, member.pk) == 21 * 2 + 10
    assert Entry.objects.filter(rule="seven_day_streak").count() == 1
    assert proof() == []


def test_check_in_pays_three_once_a_day() -> None:
    community = make_community()
    actor = Actor.member(make_member(community).pk)
    now = local(2026, 3, 8)
    for key in ("test/one", "test/two"):
        check_in(actor, make_ask(community.pk, now=now, key=key), now=now)
    tomorrow = now + timedelta(days=1)
    check_in(actor, make_ask(community.pk, now=now, key="test/three"), now=tomorrow)

    drain()

    assert [entry.points for entry in Entry.objects.order_by("pk")] == [3, 3]


def test_cap_holds_inside_one_batch_and_between_batches_and_is_shown() -> None:
    community = make_community()
    member = make_member(community)
    for hour in (8, 9):
        signed_in(community.pk, member.pk, local(2026, 3, 8, hour))
    drain()
    signed_in(community.pk, member.pk, local(2026, 3, 8, 10))
    drain()

    assert balance_of(community.pk, member.pk) == 2
    shown = {line.code: line for line in rules_for(community.pk, member.pk, date(2026, 3, 8))}
    line = shown["daily_sign_in"]
    assert (line.points, line.used, line.times, line.is_used_up) == (2, 1, 1, True)
    assert not rules_for(community.pk, member.pk, date(2026, 3, 9))[1].is_used_up


def test_day_of_the_cap_is_local() -> None:
    community = make_community()
    member = make_member(community)
    signed_in(community.pk, member.pk, local(2026, 3, 8, 23, 50))
    signed_in(community.pk, member.pk, local(2026, 3, 9, 0, 10))  # the same day in UTC

    drain()

    assert balance_of(community.pk, member.pk) == 4


def test_delivered_again_pays_nothing_more() -> None:
    community = make_community()
    for _ in range(3):
        member = make_member(community)
        sign_in_days(community.pk, member.pk, until=local(2026, 3, 8), days=7)
    batch = logged()
    drain()
    before = list(Entry.objects.order_by("pk").values())

    assert pay_by_rules(SYSTEM, batch) == 0
    assert pay_by_rules(SYSTEM, batch[:5]) == 0

    assert list(Entry.objects.order_by("pk").values()) == before
    assert len(recorded(PointsAwarded.name)) == len(before) == 3 * 8
    assert proof() == []


def test_balance_told_is_that_after_each_entry() -> None:
    community = make_community()
    member = make_member(community)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 7), days=7)

    drain()

    told = [fact.balance for fact in recorded(PointsAwarded.name)]  # type: ignore[attr-defined]
    assert told[-1] == 24
    assert told == sorted(told)
    assert len(set(told)) == 8


def test_imported_history_pays_nothing() -> None:
    community = make_community()
    member = make_member(community)
    importer = Actor.system("import 4")
    signed_in(community.pk, member.pk, local(2026, 3, 8), actor=importer)

    drain()

    assert not Entry.objects.exists()


def test_people_do_not_pay_by_rule() -> None:
    with pytest.raises(Refused):
        pay_by_rules(Actor.staff(1), [])


@pytest.mark.parametrize("members", [1, 3])
def test_batch_takes_the_same_statements(
    members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    community = make_community()
    for _ in range(members):
        signed_in(community.pk, make_member(community).pk, local(2026, 3, 8))
    batch = logged()

    with django_assert_num_queries(8):  # savepoint, zone, open, lock, pay, shift, facts, release
        assert pay_by_rules(SYSTEM, batch) == members
