import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Refused
from chaguan.people.actions import NewIdentity, find_or_create_members
from chaguan.people.models import Identity, Member
from chaguan.people.testing import EPOCH

SYSTEM = Actor.system("import 1")


def seen(nick: str, shown: str = "", **over: object) -> NewIdentity:
    values = {"connector": "irc", "scope": "", "external_id": nick, "name": shown, "seen_at": EPOCH}
    return NewIdentity(**(values | over))  # type: ignore[arg-type] # test shorthand


@pytest.mark.django_db
def test_same_identity_is_one_member_and_order_is_kept() -> None:
    first = find_or_create_members(SYSTEM, [seen("ann"), seen("bo"), seen("ann")])
    again = find_or_create_members(SYSTEM, [seen("bo"), seen("cy"), seen("ann")])

    assert first[0] == first[2] != first[1]
    assert again == [first[1], again[1], first[0]]
    assert Member.objects.count() == Identity.objects.count() == 3
    assert Member.objects.get(pk=first[0]).stage == "unaware"
    assert Member.objects.get(pk=first[0]).stage_since == EPOCH


@pytest.mark.django_db
def test_scopes_keep_equal_ids_apart() -> None:
    ids = find_or_create_members(SYSTEM, [seen("7", scope="a"), seen("7", scope="b")])

    assert len(set(ids)) == 2


@pytest.mark.django_db
def test_sights_widen_and_a_bot_stays_a_bot() -> None:
    later, earlier = EPOCH + timedelta(days=3), EPOCH - timedelta(days=3)
    (pk,) = find_or_create_members(SYSTEM, [seen("ann")])

    find_or_create_members(SYSTEM, [seen("ann", seen_at=later, is_bot=True)])
    find_or_create_members(SYSTEM, [seen("ann", seen_at=earlier)])

    member = Member.objects.get(pk=pk)
    assert (member.first_seen_at, member.last_seen_at) == (earlier, later)
    assert member.is_bot


@pytest.mark.django_db
def test_names_are_made_storable() -> None:
    (pk,) = find_or_create_members(SYSTEM, [seen("x\x00y", shown=" 茶\x00" + "长" * 200)])

    assert Member.objects.get(pk=pk).name == "茶" + "长" * 119


@pytest.mark.django_db
def test_few_statements_for_a_batch(django_assert_max_num_queries: object) -> None:
    batch = [seen(f"n{n}") for n in range(2000)]

    with django_assert_max_num_queries(6):  # type: ignore[operator] # 3, and a savepoint
        find_or_create_members(SYSTEM, batch)
    with django_assert_max_num_queries(5):  # type: ignore[operator] # find, widen, savepoint
        find_or_create_members(SYSTEM, batch)

    assert Member.objects.count() == 2000


@pytest.mark.django_db
def test_stranger_is_refused_and_nothing_is_written() -> None:
    with pytest.raises(Refused):
        find_or_create_members(Actor.anonymous(), [seen("ann")])

    assert not Member.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_one_member() -> None:
    """The slower one waits for the faster one's commit and takes its member; no spare row is left."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: the race cannot happen")
    inside, answers = threading.Event(), []

    def second() -> None:
        inside.wait(10)
        answers.append(find_or_create_members(SYSTEM, [seen("ann"), seen("bo")]))
        connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        mine = find_or_create_members(SYSTEM, [seen("ann")])
        inside.set()
        thread.join(0.5)  # it blocks on our uncommitted identity
        assert answers == []
    thread.join(10)

    assert answers[0][0] == mine[0]
    assert sorted(Member.objects.values_list("name", flat=True)) == ["ann", "bo"]
