"""A promotion for many rooms goes out only when somebody else than its author agreed in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chaguan.channels import sender
from chaguan.channels.models import Rehearsal
from chaguan.channels.testing import make_account
from chaguan.communities.testing import make_community, make_owner, make_room, make_staff
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox.actions import release
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.broadcast_approvals import (
    approve_broadcast,
    expire_broadcasts,
    refuse_broadcast,
)
from chaguan.playbooks.actions.broadcasts import Wish, broadcast, cancel_broadcast
from chaguan.playbooks.broadcast_events import BroadcastAsked, BroadcastDecided
from chaguan.playbooks.errors import (
    AlreadyDecided,
    AnsweredTooLate,
    NoSecondPerson,
    SecondPersonNeeded,
)
from chaguan.playbooks.models import Broadcast
from chaguan.playbooks.selectors.broadcasts import (
    broadcasts_to_decide,
    counts_of,
    second_people,
)
from chaguan.playbooks.testing import MONDAY

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=3)
CLOCK = Actor.system("clock")


@pytest.fixture
def places() -> list[Any]:
    account = make_account("echo")
    found = [make_community(), make_community()]
    for place in found:
        make_room(place, connector="echo", account_id=account.pk)
    return found


def promote(actor: Actor, *places: Any, **over: Any) -> Broadcast:
    values = {"due_at": LATER, "community_ids": [place.pk for place in places], **over}
    return broadcast(actor, Wish("新茶九折", "春茶到了", is_promotion=True, **values), now=MONDAY)


def send(now: Any) -> int:
    with clock.moved_to(now):
        while sender.tick(now):
            pass
    return Rehearsal.objects.count()


def test_a_promotion_waits_for_somebody_else_and_goes_at_its_time(places: list[Any]) -> None:
    author, colleague, one_place = make_staff(), make_staff(), make_staff(community=places[0])
    made = promote(author, *places)

    assert (made.state, made.answer_by) == ("waiting", LATER)
    assert OutboxRow.objects.count() == send(LATER - timedelta(minutes=1)) == 0
    assert recorded("playbooks.broadcast_asked") == [BroadcastAsked(made.pk, 2, 0)]
    for actor, listed in ((author, []), (colleague, [made]), (one_place, [])):
        assert list(broadcasts_to_decide(actor, MONDAY)) == listed
    for actor, error in ((author, SecondPersonNeeded), (one_place, Missing)):
        with pytest.raises(error):
            approve_broadcast(actor, made.pk, now=MONDAY)
        with pytest.raises(error):
            refuse_broadcast(actor, made.pk, "不行", now=MONDAY)
    assert recorded("playbooks.broadcast_decided") == []

    approve_broadcast(colleague, made.pk, now=MONDAY)

    assert recorded("playbooks.broadcast_decided") == [BroadcastDecided(made.pk, "approved")]
    for again in (approve_broadcast, refuse_broadcast):
        with pytest.raises(AlreadyDecided):
            again(colleague, made.pk, *["迟了"] * (again is refuse_broadcast), now=MONDAY)
    assert send(LATER - timedelta(minutes=1)) == 0
    assert send(LATER) == 2
    assert counts_of(colleague, [made])[made.pk] == {"sent": 2}


def test_a_no_says_why_and_nothing_goes_out(places: list[Any]) -> None:
    author, colleague = make_staff(), make_staff()
    made = promote(author, places[0])

    with pytest.raises(Invalid):
        refuse_broadcast(colleague, made.pk, " ", now=MONDAY)
    refuse_broadcast(colleague, made.pk, "价格不对", now=MONDAY)

    made.refresh_from_db()
    assert (made.state, made.reason) == ("refused", "价格不对")
    assert made.decided_by == colleague.reference
    assert OutboxRow.objects.count() == send(LATER) == 0
    assert counts_of(author, [made])[made.pk] == {"cancelled": 1}


def test_without_an_answer_before_its_time_it_ends(places: list[Any]) -> None:
    author, colleague = make_staff(), make_staff()
    timed, at_once = promote(author, places[0]), promote(author, places[1], due_at=MONDAY)
    taken_back = promote(author, places[0])
    assert cancel_broadcast(author, taken_back.pk, now=MONDAY) == 0
    with pytest.raises(AlreadyDecided):
        approve_broadcast(colleague, taken_back.pk, now=MONDAY)

    assert expire_broadcasts(CLOCK, now=LATER - timedelta(seconds=1)) == 0
    with pytest.raises(AnsweredTooLate):
        approve_broadcast(colleague, timed.pk, now=LATER)
    expire_broadcasts(CLOCK, now=LATER)
    with pytest.raises(AnsweredTooLate):
        approve_broadcast(colleague, timed.pk, now=LATER)

    assert recorded("playbooks.broadcast_decided") == [BroadcastDecided(timed.pk, "expired")]
    assert list(broadcasts_to_decide(colleague, LATER)) == [at_once]
    approve_broadcast(colleague, at_once.pk, now=LATER)
    assert send(LATER) == 1, "what was for now may wait some hours for its yes"


def test_where_nobody_else_may_decide_it_is_said_at_once(places: list[Any]) -> None:
    author = make_staff(community=places[0])
    make_staff(community=places[1])

    assert second_people(author, [places[0].pk]) == []
    with pytest.raises(NoSecondPerson, match="再请一位同事"), transaction.atomic():
        promote(author, places[0])
    assert Broadcast.objects.count() == 0
    assert recorded("playbooks.broadcast_asked") == []

    make_owner()
    assert len(second_people(author, [places[0].pk])) == 1
    assert promote(author, places[0]).state == "waiting"


def test_the_database_takes_no_yes_from_the_author(places: list[Any]) -> None:
    author, _colleague = make_staff(), make_staff()
    made = promote(author, places[0])
    for changes in (
        {"state": "approved", "decided_by": author.reference},
        {"state": "approved"},
        {"state": "free"},
        {"state": "refused", "decided_by": "staff:999"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Broadcast.objects.filter(pk=made.pk).update(**changes)


def test_a_row_that_slipped_past_is_held_at_the_channel(places: list[Any]) -> None:
    author, colleague = make_staff(), make_staff()
    made = promote(author, places[0])
    approve_broadcast(colleague, made.pk, now=MONDAY)
    Broadcast.objects.update(state="waiting", decided_by="")

    assert send(LATER) == 0
    held = OutboxRow.objects.get()
    assert (held.state, held.reason) == ("suppressed", "second_person")
    release(colleague, held.pk, now=LATER)
    assert send(LATER) == 0
