from datetime import timedelta

import pytest

from chaguan.channels import contract, sender
from chaguan.channels.contract import Limits
from chaguan.channels.events import MessageSent
from chaguan.channels.models import Account, DirectMessage, Message, Rehearsal
from chaguan.channels.testing import BUSY, NO_SUCH_ROOM, Scripted, make_account
from chaguan.communities.testing import make_member, make_room
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.outbox.actions import claim, note_call
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import NOON, make_row

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def scripted(monkeypatch: pytest.MonkeyPatch, channel: Scripted) -> Account:
    items = {**dict(contract.connectors), "scripted": channel}
    monkeypatch.setattr(contract.connectors, "_items", items)
    return make_account("scripted")


def tick(at: object = NOON) -> int:
    with clock.moved_to(at):  # type: ignore[arg-type] # always an instant
        return sender.tick(at)  # type: ignore[arg-type]


def look(row: OutboxRow) -> tuple[str, str, str]:
    row.refresh_from_db()
    return row.state, row.reason, row.detail


def test_a_sent_row_and_its_fact_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Scripted("vendor-7")
    account = scripted(monkeypatch, channel)
    room = make_room(connector="scripted", account_id=account.pk, external_id="R1")
    row = make_row(connector="scripted", account_id=account.pk, room_id=room.pk)

    assert tick() == 1
    assert tick() == 0

    assert look(row) == ("sent", "", "")
    assert row.external_id == "vendor-7"
    assert [(m.room_external_id, m.text, m.key) for m in channel.got] == [
        ("R1", "水开了", "test:1")
    ]
    assert recorded() == [MessageSent(outbox_id=row.pk, kind="say", room_id=room.pk)]


def test_a_busy_channel_is_tried_again_when_it_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    account = scripted(monkeypatch, Scripted(BUSY))
    row = make_row(connector="scripted", account_id=account.pk)

    tick()

    assert look(row) == ("planned", "retry", "busy")
    assert row.due_at == NOON + timedelta(seconds=7)
    tick(NOON + timedelta(seconds=8))
    assert look(row)[0] == "sent"


def test_a_refusal_is_a_failure_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    account = scripted(monkeypatch, Scripted(NO_SUCH_ROOM))
    row = make_row(connector="scripted", account_id=account.pk)

    tick()

    assert look(row) == ("failed", "refused_by_channel", "no such room")
    assert recorded() == []


def test_a_crash_in_a_connector_is_doubt_not_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    account = scripted(monkeypatch, Scripted(ValueError("boom")))
    row = make_row(connector="scripted", account_id=account.pk)

    tick()

    assert look(row) == ("unknown", "lost_in_call", "ValueError: boom")


@pytest.mark.parametrize(
    ("is_idempotent", "found", "state", "calls"),
    [
        (True, None, "sent", 1),  # one key delivers once: send again
        (False, "vendor-3", "sent", 0),  # it can look back, and finds it
        (False, "", "sent", 1),  # it can look back, and it surely did not arrive
        (False, None, "unknown", 0),  # nobody knows: a person decides
    ],
)
def test_a_lost_call_is_settled_by_what_the_channel_can_do(
    monkeypatch: pytest.MonkeyPatch, is_idempotent: bool, found: str | None, state: str, calls: int
) -> None:
    channel = Scripted(is_idempotent=is_idempotent, found=found)
    account = scripted(monkeypatch, channel)
    row = make_row(connector="scripted", account_id=account.pk)
    [claimed] = claim(NOON, rates={}, reached={account.pk: frozenset(["say"])})
    note_call(claimed, now=NOON)  # and then it died

    tick(NOON + MINUTE)
    tick(NOON + MINUTE)

    assert look(row)[0] == state
    assert len(channel.got) == calls


@pytest.mark.req("INT-01")
def test_the_same_wish_on_two_channels_and_an_unsupported_one_goes_to_a_person() -> None:
    echo, manual = make_account("echo"), make_account("manual")
    there = make_room(connector="echo", account_id=echo.pk)
    here = make_room(connector="manual", account_id=manual.pk)
    sent = make_row(key="a", connector="echo", account_id=echo.pk, room_id=there.pk)
    asked = make_row(key="b", connector="manual", account_id=manual.pk, room_id=here.pk)

    tick()

    assert look(sent)[0] == "sent"
    assert look(asked) == ("awaiting_person", "no_api", "")
    assert asked.text == "水开了"
    assert [(r.room_id, r.text) for r in Rehearsal.objects.all()] == [(there.pk, "水开了")]


def test_a_sender_that_died_before_the_call_leaves_no_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = Scripted(is_idempotent=False, found=None)
    account = scripted(monkeypatch, channel)
    row = make_row(connector="scripted", account_id=account.pk)
    claim(NOON, rates={}, reached={account.pk: frozenset(["say"])})

    tick(NOON + MINUTE)
    tick(NOON + MINUTE)

    assert look(row)[0] == "sent"
    assert len(channel.got) == 1


def test_the_portal_delivers_rooms_and_letters_once() -> None:
    account = make_account("portal")
    room, member = make_room(account_id=account.pk), make_member()
    portal = {"connector": "portal", "account_id": account.pk}
    make_row(key="a", room_id=room.pk, **portal)
    make_row(key="b", kind="touch", room_id=None, member_id=member.pk, **portal)

    tick()
    OutboxRow.objects.update(
        state="claimed", lease_until=NOON, claim="dead"
    )  # died before noting it
    tick(NOON + MINUTE)
    tick(NOON + MINUTE)

    assert set(OutboxRow.objects.values_list("state", flat=True)) == {"sent"}
    assert [(m.room_id, m.text, m.member_id) for m in Message.objects.all()] == [
        (room.pk, "水开了", None)
    ]
    assert [(d.member_id, d.text) for d in DirectMessage.objects.all()] == [(member.pk, "水开了")]


def test_a_switched_off_account_waits_and_loses_nothing() -> None:
    account = make_account("echo", is_active=False)
    row = make_row(account_id=account.pk)

    assert tick() == 0
    assert look(row)[0] == "planned"
    Account.objects.update(is_active=True)
    tick()
    assert look(row)[0] == "sent"


def test_the_limit_of_a_channel_holds_in_every_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Scripted(limits=Limits(per_minute=20, burst=5))
    account = scripted(monkeypatch, channel)
    for n in range(50):
        make_row(key=f"k{n}", connector="scripted", account_id=account.pk)
    sent_at: list[int] = []

    for second in range(150):
        before = len(channel.got)
        tick(NOON + timedelta(seconds=second))
        sent_at += [second] * (len(channel.got) - before)

    assert max(sum(s <= at < s + 60 for at in sent_at) for s in range(150)) <= 20
    assert len(sent_at) >= 40


@pytest.mark.parametrize(("per_minute", "sent"), [(0, 0), (1, 3), (2, 3)], ids=str)
def test_an_account_with_a_small_limit_goes_on_sending(
    monkeypatch: pytest.MonkeyPatch, per_minute: int, sent: int
) -> None:
    account = scripted(monkeypatch, Scripted("a", "b", "c", "d"))
    account.settings = {"per_minute": per_minute}
    account.save()
    for number in range(4):
        make_row(key=f"k{number}", connector="scripted", account_id=account.pk)

    counts = []
    for seconds in (0, 1, 59, 60, 120):
        tick(NOON + timedelta(seconds=seconds))
        counts.append(OutboxRow.objects.filter(state="sent").count())

    assert counts[-1] == sent
    assert counts[:3] == [min(sent, 1)] * 3  # never two within a minute
