"""Sign-ins heard in rooms, batch by batch."""

from datetime import date, datetime

import pytest

from chaguan.channels.events import MessagePosted
from chaguan.channels.models import Message
from chaguan.communities.models import Community
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.engagement.events import SignedIn
from chaguan.engagement.models import SignIn
from chaguan.engagement.testing import local
from chaguan.eventlog.actions import record
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel.actor import Actor
from chaguan.people.models import Member

pytestmark = pytest.mark.django_db


def post(
    community: Community,
    member: Member,
    text: str,
    at: datetime,
    *,
    actor: Actor | None = None,
    is_bot: bool = False,
) -> None:
    room = community.rooms.first() or make_room(community)
    message = Message.objects.create(
        room=room, member=member, external_id=f"{member.pk}:{at.isoformat()}", at=at, text=text
    )
    fact = MessagePosted(community.pk, room.pk, member.pk, message.pk, len(text), is_bot)
    record(fact, actor=actor or Actor.member(member.pk), at=at)


def test_word_and_greeting_sign_in_once_and_talk_does_not() -> None:
    community = make_community()
    first, second, third = (make_member(community) for _ in range(3))
    post(community, first, "签到", local(2026, 3, 8, 8))
    post(community, first, "打卡", local(2026, 3, 8, 9))
    post(community, second, "早上好，各位", local(2026, 3, 8, 8))
    post(community, third, "今天水温用了九十度", local(2026, 3, 8, 8))

    drain()

    assert recorded(SignedIn.name) == [
        SignedIn(community.pk, first.pk, date(2026, 3, 8), 1),
        SignedIn(community.pk, second.pk, date(2026, 3, 8), 1),
    ]
    assert SignIn.objects.get(member=first).at == local(2026, 3, 8, 8)


def test_day_is_that_of_the_message_in_the_communitys_zone() -> None:
    community = make_community(timezone="America/New_York")
    member = make_member(community)
    post(community, member, "签到", local(2026, 3, 8, 9))  # the evening of the 7th in New York

    drain()

    assert SignIn.objects.get().day == date(2026, 3, 7)


def test_several_days_in_one_batch_make_a_streak_whatever_their_order() -> None:
    community = make_community()
    member = make_member(community)
    for day in (10, 8, 9):
        post(community, member, "签到", local(2026, 3, day))

    drain()

    rows = SignIn.objects.order_by("day").values_list("streak_days", flat=True)
    assert list(rows) == [1, 2, 3]


def test_bots_and_imported_history_never_sign_in() -> None:
    community = make_community()
    member = make_member(community)
    post(community, member, "签到", local(2026, 3, 8), is_bot=True)
    post(community, member, "签到", local(2026, 3, 9), actor=Actor.system("import 3"))

    drain()

    assert not SignIn.objects.exists()


def test_fact_names_the_message_as_its_cause() -> None:
    community = make_community()
    post(community, make_member(community), "签到", local(2026, 3, 8))

    drain()

    posted = LoggedEvent.objects.get(name=MessagePosted.name)
    signed = LoggedEvent.objects.get(name=SignedIn.name)
    assert (signed.caused_by, signed.depth) == (posted.pk, 1)


@pytest.mark.parametrize("word", ["退订", "退订。", " STOP ", "unsubscribe"])
def test_word_we_told_them_stops_private_messages(word: str) -> None:
    community = make_community()
    member = make_member(community)
    post(community, member, word, local(2026, 3, 8))

    drain()

    member.refresh_from_db()
    assert member.touch_opt_out_at == local(2026, 3, 8)


@pytest.mark.parametrize("word", ["怎么退订", "退订之后还能来吗", "non-stop"])
def test_talk_about_it_stops_nothing(word: str) -> None:
    community = make_community()
    member = make_member(community)
    post(community, member, word, local(2026, 3, 8))

    drain()

    member.refresh_from_db()
    assert member.touch_opt_out_at is None
