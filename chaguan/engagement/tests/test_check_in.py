"""Check-ins that somebody asked for."""

from datetime import date, timedelta

import pytest

from chaguan.communities.testing import make_community, make_member
from chaguan.engagement.actions.check_in import NewAsk, ask_check_ins, check_in
from chaguan.engagement.errors import AlreadyCheckedIn, CheckInClosed
from chaguan.engagement.events import CheckedIn, CheckInAsked
from chaguan.engagement.models import CheckIn, CheckInAsk
from chaguan.engagement.selectors.check_in import answers_to, asks_in, asks_open_to
from chaguan.engagement.testing import local, make_ask
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing, Refused

pytestmark = pytest.mark.django_db
NOW = local(2026, 3, 8)


def test_answer_is_kept_and_told_once() -> None:
    community = make_community()
    member = make_member(community)
    actor = Actor.member(member.pk)
    ask_id = make_ask(community.pk, now=NOW)

    check_in(actor, ask_id, now=NOW, note="正山小种")
    with pytest.raises(AlreadyCheckedIn):
        check_in(actor, ask_id, now=NOW, note="又喝了一泡")

    assert [row.note for row in answers_to(ask_id)] == ["正山小种"]
    assert recorded() == [
        CheckInAsked(community.pk, ask_id, "test/hello"),
        CheckedIn(community.pk, member.pk, ask_id, "test/hello", date(2026, 3, 8)),
    ]


def test_same_key_twice_is_one_prompt() -> None:
    community = make_community()

    assert make_ask(community.pk, now=NOW) == make_ask(community.pk, now=NOW)

    assert CheckInAsk.objects.count() == len(recorded()) == 1


def test_prompt_closes_at_its_hour() -> None:
    community = make_community()
    actor = Actor.member(make_member(community).pk)
    closes_at = NOW + timedelta(hours=1)
    ask = NewAsk("test/short", community.pk, "今天的水温？", NOW, closes_at)
    ask_id = ask_check_ins(Actor.system("test"), [ask], now=NOW)["test/short"]
    assert [row.pk for row in asks_open_to(actor, now=NOW)] == [ask_id]
    assert not asks_open_to(actor, now=closes_at)

    with pytest.raises(CheckInClosed):
        check_in(actor, ask_id, now=closes_at)

    assert not CheckIn.objects.exists()


def test_stranger_is_refused_and_nothing_is_written() -> None:
    ask_id = make_ask(make_community().pk, now=NOW)
    stranger = Actor.member(make_member(make_community()).pk)
    asked = recorded()

    with pytest.raises(Refused):
        check_in(stranger, ask_id, now=NOW)

    assert not CheckIn.objects.exists()
    assert recorded() == asked
    assert not asks_open_to(stranger, now=NOW)


def test_member_cannot_ask_others() -> None:
    community = make_community()
    ask = NewAsk("test/own", community.pk, "问大家一句", NOW)

    with pytest.raises(Refused):
        ask_check_ins(Actor.member(make_member(community).pk), [ask], now=NOW)

    assert not CheckInAsk.objects.exists()


def test_unknown_prompt_is_missing() -> None:
    with pytest.raises(Missing):
        check_in(Actor.member(make_member(make_community()).pk), 999, now=NOW)


def test_answers_are_counted_beside_the_prompt() -> None:
    community = make_community()
    ask_id = make_ask(community.pk, now=NOW)
    for _ in range(2):
        check_in(Actor.member(make_member(community).pk), ask_id, now=NOW)

    counted = asks_in(community.pk).values("pk", "answers")  # type: ignore[misc] # annotated
    assert list(counted) == [{"pk": ask_id, "answers": 2}]
