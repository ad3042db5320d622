"""The demo house: complete, once, the same by seed, and never in the future."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max
from pytest_django import DjangoDbBlocker

from chaguan.channels.models import Message
from chaguan.communities.models import Community, Membership, Room
from chaguan.config.demo import build
from chaguan.config.demo.cast import cast
from chaguan.config.demo.history import Chronicle, RoomPlan
from chaguan.config.demo.house import BUILDING, DemoBrokeOff
from chaguan.config.demo.talk import small_talk, topics
from chaguan.config.readiness import production
from chaguan.console.start import has_account
from chaguan.engagement.models import SignIn
from chaguan.eventlog.models import LoggedEvent, ParkedEvent
from chaguan.eventlog.reading import in_one_transaction
from chaguan.kernel import clock
from chaguan.outbox.contract import OutboxRow
from chaguan.people.models import Member, StageChange
from chaguan.playbooks.models import Assignment
from chaguan.rewards.selectors.ledger import proof

NOW = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)  # a Wednesday, 14:00 in Shanghai


@pytest.fixture(scope="module")
def _house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo, built once for all tests of this file and rolled back behind them."""
    token = in_one_transaction.set(True)
    with django_db_blocker.unblock(), transaction.atomic():
        with clock.moved_to(NOW):
            assert build(NOW, with_health=False)
        in_one_transaction.reset(token)
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_house")]


def test_house_is_alive_complete_and_built_once() -> None:
    before = LoggedEvent.objects.count()
    assert not build(NOW + timedelta(days=1))

    assert LoggedEvent.objects.count() == before
    tea = Community.objects.get(name="茶友会")
    inside = Membership.objects.filter(
        community=tea, state=Membership.State.IN, member__is_bot=False
    )
    assert 380 <= inside.count() <= 400
    assert Room.objects.filter(community=tea, purpose=Room.Purpose.MAIN).count() == 3
    assert {row.type for row in Community.objects.all()} == {"newcomer", "camp", "loyal_fan"}
    assert all(row.settings["demo"] is True for row in Community.objects.all())
    assert SignIn.objects.count() > 2000
    assert StageChange.objects.filter(event_id__isnull=False).count() > 200
    assert Member.objects.values("stage").distinct().count() >= 5
    assert proof() == []
    assert not ParkedEvent.objects.exists()


def test_every_state_of_the_outbox_is_to_be_seen_and_work_is_due_today() -> None:
    states = set(OutboxRow.objects.values_list("state", "reason"))
    assert ("unknown", "lost_in_call") in states
    assert ("suppressed", "opted_out") in states
    assert ("awaiting_person", "no_api") in states
    assert "sent" in {state for state, _reason in states}
    midnight = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
    today = Assignment.objects.filter(due_at__gte=midnight, due_at__lt=midnight + timedelta(days=1))
    assert today.filter(state="open").exists()
    assert Assignment.objects.filter(state="done").exists()


def test_nothing_lies_in_the_future_and_one_room_cools() -> None:
    assert Message.objects.aggregate(last=Max("at"))["last"] <= NOW
    assert LoggedEvent.objects.aggregate(last=Max("at"))["last"] <= NOW
    assert SignIn.objects.aggregate(last=Max("at"))["last"] <= NOW
    green = Message.objects.filter(room__name="绿茶小组")
    last_week = green.filter(at__gt=NOW - timedelta(days=7)).count()
    first_week = green.filter(at__lt=NOW - timedelta(days=83)).count()
    assert last_week < first_week / 4  # the room that cools


def test_demo_logins_cannot_be_used_and_the_owner_still_gets_her_link() -> None:
    logins = get_user_model().objects.all()
    assert logins.count() == 6
    assert not any(login.has_usable_password() or login.is_superuser for login in logins)
    assert not has_account()


def test_build_that_broke_off_says_so() -> None:
    tea = Community.objects.filter(name="茶友会")
    tea.update(settings={"demo": BUILDING})
    try:
        with pytest.raises(DemoBrokeOff):
            build(NOW)
    finally:
        tea.update(settings={"demo": True})


def test_talk_has_four_hundred_sentences_and_no_shouting() -> None:
    lines = [line for t in topics() for line in (*t.openers, *t.replies, *t.closers)]
    lines += [line for kind in small_talk().values() for line in kind]

    assert len(set(lines)) >= 400
    assert not [line for line in lines if "!" in line or "！" in line]


def test_same_seed_says_the_same_and_another_one_does_not() -> None:
    def said(seed: int) -> list[tuple[datetime, str, str]]:
        chance = random.Random(seed)
        people = cast(chance, size=40, days=12, prefix="x")
        plan = RoomPlan("x", lambda _share: 30, people, has_mornings=True)
        records = Chronicle(chance, now=NOW, days=12).records(plan)
        return [(record.at, record.person, record.text) for record in records]

    assert said(8) == said(8)
    assert said(8) != said(9)


def test_deploy_check_refuses_the_demo() -> None:
    sentences = [finding.sentence for finding in production() if finding.is_problem]

    assert "The demo communities are in this database; begin with a new one." in sentences
