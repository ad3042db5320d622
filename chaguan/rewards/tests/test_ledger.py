"""The ledger itself: final entries, balances that are their sum, corrections."""

import random

import pytest
from django.db import DatabaseError, connection, transaction

from chaguan.communities.testing import make_community, make_member, make_staff, make_stranger
from chaguan.engagement.testing import local
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Refused
from chaguan.rewards.actions.by_hand import (
    Movement,
    award_points,
    correct_entry,
    spend_points,
)
from chaguan.rewards.errors import AlreadyCorrected, NotEnoughPoints, ReasonNeeded
from chaguan.rewards.events import EntryCorrected, PointsAwarded, PointsSpent
from chaguan.rewards.models import Account, Entry
from chaguan.rewards.selectors.ledger import balance_of, proof, statement_visible_to

pytestmark = pytest.mark.django_db
NOW = local(2026, 3, 8)
SYSTEM = Actor.system("test")


def move(community_id: int, member_id: int, points: int, key: str) -> Movement:
    return Movement(community_id, member_id, points, "帮新茶友回答了三个问题", key)


def raw(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE rewards_entry SET points = 1000",
        "UPDATE rewards_entry SET reason = ''",
        "DELETE FROM rewards_entry",
    ],
)
def test_database_refuses_to_change_or_delete_an_entry(sql: str) -> None:
    community = make_community()
    award_points(SYSTEM, move(community.pk, make_member(community).pk, 5, "a"), now=NOW)
    before = list(Entry.objects.values())

    with pytest.raises(DatabaseError, match="points ledger"):
        raw(sql)

    assert list(Entry.objects.values()) == before


def test_postgres_refuses_to_empty_the_table() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    community = make_community()
    award_points(SYSTEM, move(community.pk, make_member(community).pk, 5, "a"), now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may wait when we truncate

    with pytest.raises(DatabaseError, match="points ledger"):
        raw("TRUNCATE rewards_entry CASCADE")


@pytest.mark.req("RWD-01")
def test_sum_of_entries_is_the_balance_at_any_time_and_no_role_can_edit_one() -> None:
    chance = random.Random(7)
    community = make_community()
    members = [make_member(community).pk for _ in range(4)]
    owner = make_staff("community_manager", community)
    for number in range(120):
        movement = move(
            community.pk, chance.choice(members), chance.randint(1, 30), f"step {number}"
        )
        doing = chance.choice((award_points, award_points, spend_points))
        try:
            entry = doing(SYSTEM, movement, now=NOW)
            if chance.random() < 0.2:
                correct_entry(owner, entry.pk, reason="登记错了", now=NOW)
        except NotEnoughPoints:
            pass
        assert proof() == []  # after every single step
    assert sum(Account.objects.values_list("balance", flat=True)) == 0
    assert min(balance_of(community.pk, member) for member in members) >= 0
    assert Entry.objects.filter(corrects__isnull=False).exists()
    for sql in ("UPDATE rewards_entry SET points = points + 1", "DELETE FROM rewards_entry"):
        with pytest.raises(DatabaseError):
            raw(sql)
    assert proof() == []


def test_proof_finds_a_balance_that_somebody_bent() -> None:
    community = make_community()
    award_points(SYSTEM, move(community.pk, make_member(community).pk, 5, "a"), now=NOW)
    Account.objects.filter(member__isnull=False).update(balance=50)

    assert [(found.balance, found.total) for found in proof()] == [(50, 5)]


def test_spending_more_than_there_is_changes_nothing() -> None:
    community = make_community()
    member = make_member(community)
    award_points(SYSTEM, move(community.pk, member.pk, 5, "a"), now=NOW)

    with pytest.raises(NotEnoughPoints):
        spend_points(Actor.member(member.pk), move(community.pk, member.pk, 6, "b"), now=NOW)

    assert (balance_of(community.pk, member.pk), Entry.objects.count()) == (5, 1)
    assert recorded(PointsSpent.name) == []


def test_database_itself_refuses_a_balance_below_zero() -> None:
    community = make_community()
    member = make_member(community)
    award_points(SYSTEM, move(community.pk, member.pk, 5, "a"), now=NOW)

    with pytest.raises(DatabaseError):
        raw("UPDATE rewards_account SET balance = -1 WHERE member_id IS NOT NULL")


def test_same_key_moves_points_once() -> None:
    community = make_community()
    member = make_member(community)
    first = award_points(SYSTEM, move(community.pk, member.pk, 5, "run:1/step:x"), now=NOW)
    again = award_points(SYSTEM, move(community.pk, member.pk, 5, "run:1/step:x"), now=NOW)

    assert first == again
    assert balance_of(community.pk, member.pk) == 5
    assert len(recorded(PointsAwarded.name)) == 1


def test_correction_is_a_counter_entry_that_names_the_first() -> None:
    community = make_community()
    member = make_member(community)
    wrong = award_points(SYSTEM, move(community.pk, member.pk, 5, "a"), now=NOW)

    counter = correct_entry(
        make_staff("community_manager", community), wrong.pk, reason="发重了", now=NOW
    )

    assert (counter.corrects, counter.points, counter.source_id) == (wrong, 5, wrong.target_id)
    assert balance_of(community.pk, member.pk) == 0
    assert recorded(EntryCorrected.name) == [
        EntryCorrected(community.pk, counter.pk, wrong.pk, 5, "发重了", member.pk)
    ]
    for entry in (wrong, counter):
        with pytest.raises(AlreadyCorrected):
            correct_entry(SYSTEM, entry.pk, reason="再来一次", now=NOW)


def test_correction_needs_a_reason_and_points_that_are_still_there() -> None:
    community = make_community()
    member = make_member(community)
    wrong = award_points(SYSTEM, move(community.pk, member.pk, 5, "a"), now=NOW)
    with pytest.raises(ReasonNeeded):
        correct_entry(SYSTEM, wrong.pk, reason=" ", now=NOW)
    spend_points(SYSTEM, move(community.pk, member.pk, 3, "b"), now=NOW)

    with pytest.raises(NotEnoughPoints):
        correct_entry(SYSTEM, wrong.pk, reason="发重了", now=NOW)

    assert (balance_of(community.pk, member.pk), Entry.objects.count()) == (2, 2)


def test_strangers_move_no_points() -> None:
    community = make_community()
    member = make_member(community)
    mine = award_points(SYSTEM, move(community.pk, member.pk, 5, "a"), now=NOW)
    facts = recorded()

    with pytest.raises(Refused):
        award_points(make_stranger(), move(community.pk, member.pk, 5, "b"), now=NOW)
    with pytest.raises(Refused):
        award_points(Actor.member(member.pk), move(community.pk, member.pk, 5, "c"), now=NOW)
    with pytest.raises(Refused):
        spend_points(make_stranger(), move(community.pk, member.pk, 5, "d"), now=NOW)
    with pytest.raises(Refused):
        correct_entry(make_stranger(), mine.pk, reason="拿走", now=NOW)

    assert (Entry.objects.count(), recorded()) == (1, facts)


def test_statement_shows_signed_points_and_the_balance_after_each() -> None:
    community = make_community()
    member = make_member(community)
    award_points(SYSTEM, move(community.pk, member.pk, 5, "a"), now=NOW)
    spend_points(SYSTEM, move(community.pk, member.pk, 2, "b"), now=NOW)
    last = award_points(SYSTEM, move(community.pk, member.pk, 10, "c"), now=NOW)
    me = Actor.member(member.pk)

    lines = statement_visible_to(me, community.pk, member.pk)
    assert [(line.points, line.balance) for line in lines] == [(10, 13), (-2, 3), (5, 5)]
    older = statement_visible_to(me, community.pk, member.pk, before_id=last.pk)
    assert older == lines[1:]
    assert statement_visible_to(make_stranger(), community.pk, member.pk) == []
    other = Actor.member(make_member(community).pk)
    assert statement_visible_to(other, community.pk, member.pk) == []
