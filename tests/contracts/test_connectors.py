"""Every connector keeps the contract, whatever file it is in."""

from dataclasses import replace

import pytest

from chaguan.channels.contract import Connector, DeliveryError, Outgoing, SendsMany, connectors
from chaguan.channels.testing import make_account
from chaguan.communities.testing import make_member, make_room

pytestmark = pytest.mark.django_db
ALL = pytest.mark.parametrize(("code", "channel"), list(connectors), ids=lambda v: str(v)[:20])
OWN_TABLES = {"echo", "portal"}  # channels that can be called here without any vendor


def outgoing(code: str, **over: object) -> Outgoing:
    account = make_account(code)
    room = make_room(connector=code, account_id=account.pk)
    values: dict[str, object] = {
        "key": "run:1/step:a",
        "kind": "say",
        "text": "水开了，来喝茶",
        "account_id": account.pk,
        "account_settings": {},
        "room_external_id": room.external_id,
        "room_id": room.pk,
        **over,
    }
    return Outgoing(**values)  # type: ignore[arg-type] # built from a dictionary


@ALL
def test_it_declares_itself(code: str, channel: Connector) -> None:
    assert str(channel.label)
    assert 1 <= channel.limits.burst <= channel.limits.per_minute
    assert channel.limits.max_chars >= 500
    assert channel.reaches <= {"say", "touch", "welcome", "moderate", "announce"}


@ALL
def test_a_send_gives_an_id_or_a_delivery_error(code: str, channel: Connector) -> None:
    message = outgoing(code)
    if "say" not in channel.reaches:
        with pytest.raises(DeliveryError) as refusal:
            channel.send(message)
        assert refusal.value.retry is False
        return
    assert 0 < len(channel.send(message)) <= 160


@pytest.mark.parametrize("code", sorted(OWN_TABLES))
def test_one_key_is_delivered_once_and_found_again(code: str) -> None:
    channel, message = connectors.get(code), outgoing(code)
    assert channel.find(message) == ""

    first, second = channel.send(message), channel.send(message)

    assert first == second == channel.find(message)


@ALL
def test_who_takes_many_at_once_delivers_each_key_once(code: str, channel: Connector) -> None:
    if not isinstance(channel, SendsMany):
        return
    assert channel.is_idempotent
    first = outgoing(code)
    messages = [first, replace(first, key="run:1/step:b"), replace(first, key="run:1/step:c")]

    ids = channel.send_many(messages)

    assert list(ids) == [channel.find(message) for message in messages]
    assert channel.send_many(messages) == ids
    assert channel.send(first) == ids[0]


@pytest.mark.parametrize("code", sorted(OWN_TABLES))
def test_a_touch_reaches_the_member(code: str) -> None:
    member = make_member()
    message = outgoing(code, kind="touch", room_id=None, member_id=member.pk)

    assert connectors.get(code).send(message)
