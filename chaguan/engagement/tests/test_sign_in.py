"""Signing in by the button, streaks, and make-up cards."""

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from chaguan.communities.testing import make_community, make_member
from chaguan.engagement.actions.sign_in import sign_in, sign_in_many, use_make_up_card
from chaguan.engagement.errors import AlreadySignedIn, NoMakeUpCard, NotRepairable
from chaguan.engagement.events import DayMadeUp, SignedIn
from chaguan.engagement.models import MakeUpCard, SignIn
from chaguan.engagement.selectors.sign_in import sign_in_card, sign_ins_by_day
from chaguan.engagement.testing import local, sign_in_days
from chaguan.engagement.types import Presence, SignInWay
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Refused

pytestmark = pytest.mark.django_db


def test_day_is_the_communitys_local_date() -> None:
    community = make_community()
    member = make_member(community)

    streak = sign_in(Actor.member(member.pk), community.pk, now=local(2026, 3, 8, 0, 30))

    assert streak == 1
    assert SignIn.objects.get().day == date(2026, 3, 8)  # UTC is still on the 7th
    assert recorded() == [SignedIn(community.pk, member.pk, date(2026, 3, 8), 1)]


def test_second_time_same_day_is_refused() -> None:
    community = make_community()
    actor = Actor.member(make_member(community).pk)
    sign_in(actor, community.pk, now=local(2026, 3, 8))

    with pytest.raises(AlreadySignedIn):
        sign_in(actor, community.pk, now=local(2026, 3, 8, 23, 59))

    assert SignIn.objects.count() == len(recorded()) == 1


def test_stranger_is_refused_and_nothing_is_written() -> None:
    community = make_community()
    stranger = make_member(make_community())

    with pytest.raises(Refused) as refusal:
        sign_in(Actor.member(stranger.pk), community.pk, now=local(2026, 3, 8))

    assert refusal.value.code == "not_in_community"
    assert not SignIn.objects.exists()
    assert recorded() == []


def test_staff_cannot_sign_in_for_a_member() -> None:
    with pytest.raises(Refused):
        sign_in(Actor.staff(1), make_community().pk, now=local(2026, 3, 8))


@pytest.mark.parametrize(("missed", "streak"), [(0, 4), (1, 1), (2, 1)])
def test_streak_grows_by_a_day_and_falls_to_one_after_a_gap(missed: int, streak: int) -> None:
    community = make_community()
    member = make_member(community)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 8), days=3)

    now = local(2026, 3, 9) + timedelta(days=missed)
    assert sign_in(Actor.member(member.pk), community.pk, now=now) == streak


def test_seven_days_in_a_row_earn_one_card() -> None:
    community = make_community()
    member = make_member(community)

    sign_in_days(community.pk, member.pk, until=local(2026, 3, 8), days=6)
    assert not MakeUpCard.objects.exists()
    sign_in(Actor.member(member.pk), community.pk, now=local(2026, 3, 9))

    card = MakeUpCard.objects.get()
    assert (card.earned_day, card.used_for) == (date(2026, 3, 9), None)


def test_card_joins_the_days_before_and_after_the_gap() -> None:
    community = make_community()
    member = make_member(community)
    actor = Actor.member(member.pk)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 8), days=7)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 11), days=2)  # the 9th is missing
    now = local(2026, 3, 11, 20)
    assert sign_in_card(community.pk, member.pk, now=now).streak_days == 2
    assert sign_in_card(community.pk, member.pk, now=now).repairable == (date(2026, 3, 9),)

    assert use_make_up_card(actor, community.pk, date(2026, 3, 9), now=now) == 10

    card = sign_in_card(community.pk, member.pk, now=now)
    assert (card.streak_days, card.best_streak_days, card.make_up_cards) == (10, 10, 0)
    rows = SignIn.objects.order_by("day").values_list("streak_days", flat=True)
    assert list(rows) == list(range(1, 11))
    assert recorded(DayMadeUp.name) == [DayMadeUp(community.pk, member.pk, date(2026, 3, 9), 10)]
    assert sign_ins_by_day(community.pk, date(2026, 3, 8), date(2026, 3, 10)) == {
        date(2026, 3, 8): 1,
        date(2026, 3, 10): 1,
    }


def test_one_card_repairs_one_day() -> None:
    community = make_community()
    member = make_member(community)
    actor = Actor.member(member.pk)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 8), days=7)
    now = local(2026, 3, 12)
    use_make_up_card(actor, community.pk, date(2026, 3, 9), now=now)

    with pytest.raises(NoMakeUpCard):
        use_make_up_card(actor, community.pk, date(2026, 3, 10), now=now)

    assert SignIn.objects.count() == 8


@pytest.mark.parametrize(
    "day",
    [date(2026, 3, 8), date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 12), date(2026, 2, 1)],
    ids=["signed", "today", "tomorrow", "too old", "before the first"],
)
def test_only_a_missed_day_of_the_last_week_can_be_repaired(day: date) -> None:
    community = make_community()
    member = make_member(community)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 8), days=7)

    with pytest.raises(NotRepairable):
        use_make_up_card(Actor.member(member.pk), community.pk, day, now=local(2026, 3, 20))

    assert MakeUpCard.objects.filter(used_for__isnull=True).count() == 1


@pytest.mark.req("ENG-01")
def test_second_sign_in_gives_nothing_and_the_streak_resets_unless_a_card_is_used() -> None:
    community = make_community()
    member = make_member(community)
    actor = Actor.member(member.pk)
    sign_in_days(community.pk, member.pk, until=local(2026, 3, 8), days=7)
    facts = len(recorded())

    with pytest.raises(AlreadySignedIn):
        sign_in(actor, community.pk, now=local(2026, 3, 8, 22))
    assert len(recorded()) == facts
    assert MakeUpCard.objects.count() == 1

    assert sign_in(actor, community.pk, now=local(2026, 3, 10)) == 1  # the 9th was missed
    use_make_up_card(actor, community.pk, date(2026, 3, 9), now=local(2026, 3, 10, 10))
    assert sign_in(actor, community.pk, now=local(2026, 3, 11)) == 10


@pytest.mark.parametrize("members", [1, 3])
def test_entering_a_batch_takes_the_same_statements(
    members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    community = make_community()
    now = local(2026, 3, 8)
    presences = [
        Presence(
            community.pk, make_member(community).pk, date(2026, 3, 8), now, SignInWay.ROOM, "member"
        )
        for _ in range(members)
    ]

    with django_assert_num_queries(5):  # savepoint, insert, join, facts, release
        assert sign_in_many(Actor.system("test"), presences) == members
