"""Channels that take many messages in one call: what each of them answers is kept for each of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.channels import contract, sender
from chaguan.channels.events import MessageSent
from chaguan.channels.models import DirectMessage, Message
from chaguan.channels.testing import BUSY, NO_SUCH_ROOM, Scripted, ScriptedMany, make_account
from chaguan.communities.testing import make_community, make_room
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.outbox.actions import claiming
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import NOON, make_row
from chaguan.people.testing import make_member

pytestmark = pytest.mark.django_db


def put_in(monkeypatch: pytest.MonkeyPatch, channel: Scripted, code: str = "scripted") -> int:
    items = {**dict(contract.connectors), code: channel}
    monkeypatch.setattr(contract.connectors, "_items", items)
    return int(make_account(code).pk)


def tick(at: datetime = NOON) -> int:
    with clock.moved_to(at):
        return sender.tick(at)


def rows(account: int, count: int) -> list[OutboxRow]:
    return [make_row(key=f"k{n}", connector="scripted", account_id=account) for n in range(count)]


def states() -> list[tuple[str, str, str]]:
    return list(OutboxRow.objects.order_by("id").values_list("state", "reason", "external_id"))


def facts() -> int:
    return len([fact for fact in recorded() if fact.name == MessageSent.name])


def test_each_of_many_gets_its_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = ScriptedMany("id-a", NO_SUCH_ROOM, BUSY, "id-d")
    rows(put_in(monkeypatch, channel), 4)

    tick()

    assert channel.calls == [4]
    assert states() == [
        ("sent", "", "id-a"),
        ("failed", "refused_by_channel", ""),
        ("planned", "retry", ""),
        ("sent", "", "id-d"),
    ]
    assert facts() == 2


def test_a_crash_with_many_in_hand_is_settled_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = ScriptedMany("id-a", ValueError("this one"), "id-c", crash=OSError("cut off"))
    rows(put_in(monkeypatch, channel), 3)

    tick()

    assert [state for state, _reason, _id in states()] == ["sent", "planned", "sent"]
    assert facts() == 2


def test_what_another_sender_took_over_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = ScriptedMany()
    rows(put_in(monkeypatch, channel), 2)
    answer = channel.send_many

    def slow(messages: Sequence[contract.Outgoing]) -> object:
        OutboxRow.objects.filter(key="k1").update(claim="somebody-else")
        return answer(messages)

    monkeypatch.setattr(channel, "send_many", slow)

    tick()

    assert [state for state, _reason, _id in states()] == ["sent", "claimed"]
    assert facts() == 1


def test_a_sender_that_died_after_the_call_sends_the_same_keys_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = make_community()
    room, member = make_room(place, connector="portal"), make_member()
    account = make_account("portal").pk
    make_row(key="said", connector="portal", account_id=account, room_id=room.pk)
    letter = {"kind": "touch", "room_id": None, "member_id": member.pk}
    make_row(key="letter", connector="portal", account_id=account, **letter)
    with monkeypatch.context() as cut:
        cut.setattr(sender, "_finish_together", lambda _sent: None)  # killed here
        tick()
    assert {state for state, _reason, _id in states()} == {"claimed"}

    for minutes in (1, 2):
        tick(NOON + timedelta(minutes=minutes))

    assert {state for state, _reason, _id in states()} == {"sent"}
    assert (Message.objects.count(), DirectMessage.objects.count(), facts()) == (1, 1, 2)


def test_one_by_one_a_sender_takes_no_more_than_its_lease_lasts_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claiming, "SLOW", 3)
    slow, many = Scripted(), ScriptedMany()
    rows(put_in(monkeypatch, slow), 5)
    fast = put_in(monkeypatch, many, "many")
    for n in range(5):
        make_row(key=f"m{n}", connector="many", account_id=fast)

    assert tick() == 8

    assert (len(slow.got), len(many.got)) == (3, 5)
    tick()
    assert len(slow.got) == 5


def test_more_messages_take_no_more_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    account = put_in(monkeypatch, ScriptedMany())
    counts = []
    for start, count in ((0, 20), (20, 150)):
        for n in range(start, start + count):
            make_row(key=f"k{n}", connector="scripted", account_id=account)
        with CaptureQueriesContext(connection) as seen:
            tick()
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert facts() == 170
