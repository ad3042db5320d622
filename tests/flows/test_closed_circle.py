"""The closed circle: a word in a room → sign-in → points → a waiting playbook wakes → outbox → channel."""

from datetime import timedelta
from typing import Any

import pytest

from chaguan.channels import sender
from chaguan.channels.actions.inbound import receive
from chaguan.channels.contract import Record
from chaguan.channels.models import Message, Rehearsal
from chaguan.channels.testing import make_account
from chaguan.communities.models import Community, Room
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.engagement.models import SignIn
from chaguan.eventlog.models import LoggedEvent, Subscription
from chaguan.eventlog.selectors import chain
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.people.models import Member
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.testing import MONDAY, make_run, make_step
from chaguan.rewards.models import Entry
from chaguan.rewards.selectors.ledger import balance_of, proof

pytestmark = pytest.mark.django_db
SAID_AT = MONDAY + timedelta(minutes=20)

WAIT = make_step(
    id="WAIT",
    track="person",
    kind="wait_for",
    offset="P1 09:05",
    text=None,
    **{"with": {"fact": "rewards.points_awarded", "within": "48h"}},
)
THANKS = make_step(
    id="THANKS",
    track="person",
    kind="touch",
    audience="person",
    offset="T+5m",
    after="WAIT.act",
    text="{{ member_name }}，今天的积分记上了。",
)
MISSED = make_step(
    id="MISSED",
    track="person",
    kind="touch",
    audience="person",
    offset="T+5m",
    after="WAIT.timeout",
    text="{{ member_name }}，这两天没见到你。",
)


def scene() -> tuple[Community, Room, Member, Member]:
    """Private messages go to the sandbox; people talk in a portal room. Two members walk the plan."""
    community = make_community()
    make_room(community, connector="echo", account_id=make_account("echo").pk)
    room = make_room(community, connector="portal", account_id=make_account("portal").pk)
    speaker, silent = make_member(community, name="阿青"), make_member(community, name="老周")
    make_run(WAIT, THANKS, MISSED, community=community)
    return community, room, speaker, silent


def say(room: Room, member: Member, text: str) -> None:
    """What the member pages do when somebody writes."""
    record = Record(
        external_id=f"said:{text}",
        at=SAID_AT,
        kind="message",
        person="",
        text=text,
        member_id=member.pk,
    )
    receive(Actor.member(member.pk), room.pk, [record], SAID_AT)


def work(until_minutes: int) -> None:
    """The worker until that minute: read the log, advance, send, until nothing is left."""
    for minute in range(0, until_minutes + 1, 5):
        now = MONDAY + timedelta(minutes=minute)
        with clock.moved_to(now):
            while drain() + tick(now) + sender.tick(now):
                pass


def state() -> dict[str, Any]:
    """Everything the circle leaves behind."""
    return {
        "messages": Message.objects.filter(outbox_id=None).count(),
        "sign_ins": list(SignIn.objects.values_list("member_id", "day", "streak_days")),
        "entries": list(Entry.objects.order_by("pk").values_list("rule", "points", "event_id")),
        "facts": LoggedEvent.objects.count(),
        "outbox": list(OutboxRow.objects.order_by("pk").values_list("key", "state", "text")),
        "delivered": list(Rehearsal.objects.order_by("pk").values_list("member_id", "text")),
    }


def test_word_in_a_room_wakes_the_playbook_and_reaches_the_channel() -> None:
    community, room, speaker, _silent = scene()
    work(15)

    say(room, speaker, "签到")
    work(40)

    assert SignIn.objects.get().member_id == speaker.pk
    assert balance_of(community.pk, speaker.pk) == 2
    assert list(Rehearsal.objects.values_list("member_id", "text")) == [
        (speaker.pk, "阿青，今天的积分记上了。")
    ]
    assert proof() == []
    awarded = LoggedEvent.objects.get(name="rewards.points_awarded")
    assert [fact.name for fact in chain(awarded.pk)] == [
        "channels.message_posted",
        "engagement.signed_in",
        "rewards.points_awarded",
    ]


def test_everything_delivered_again_changes_nothing() -> None:
    _community, room, speaker, _silent = scene()
    work(15)
    say(room, speaker, "签到")
    work(40)
    before = state()
    assert before["delivered"]

    say(room, speaker, "签到")  # the channel delivers its message a second time
    Subscription.objects.update(position=0, position_xact=0)  # and every reader begins anew
    work(60)

    assert state() == before


def test_talk_that_is_no_sign_in_wakes_nobody() -> None:
    community, room, speaker, _silent = scene()
    work(15)

    say(room, speaker, "签到的规则在哪里看？")
    work(40)

    assert not SignIn.objects.exists()
    assert not Rehearsal.objects.exists()
    assert balance_of(community.pk, speaker.pk) == 0


def test_who_stays_silent_is_asked_after_the_time_is_out() -> None:
    _community, room, speaker, silent = scene()
    work(15)
    say(room, speaker, "签到")
    work(40)
    later = MONDAY + timedelta(hours=48, minutes=30)

    with clock.moved_to(later):
        while drain() + tick(later) + sender.tick(later):
            pass

    texts = dict(Rehearsal.objects.values_list("member_id", "text"))
    assert texts == {
        speaker.pk: "阿青，今天的积分记上了。",
        silent.pk: "老周，这两天没见到你。",
    }
