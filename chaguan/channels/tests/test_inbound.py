import pytest

from chaguan.channels.actions.inbound import receive
from chaguan.channels.contract import Record
from chaguan.channels.models import Message
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused

pytestmark = pytest.mark.django_db
NOW = clock.now()


def said(member_id: int | None, external_id: str = "web:1", **over: object) -> Record:
    values: dict[str, object] = {
        "external_id": external_id, "at": NOW, "kind": "message", "person": "x", "name": "林晓",
        "text": "你好", "member_id": member_id,
    }  # fmt: skip
    return Record(**(values | over))  # type: ignore[arg-type] # a test's own values


def test_a_members_words_arrive_once() -> None:
    community = make_community()
    room, member = make_room(community), make_member(community)

    first = receive(Actor.member(member.pk), room.pk, [said(member.pk)], NOW)
    second = receive(Actor.member(member.pk), room.pk, [said(member.pk)], NOW)

    assert (first.total, first.duplicates) == (1, 0)
    assert (second.total, second.duplicates) == (0, 1)
    assert Message.objects.get().member_id == member.pk
    assert len(recorded("channels.message_posted")) == 1


def test_nobody_speaks_for_others_or_from_outside() -> None:
    community = make_community()
    room, member = make_room(community), make_member(community)
    stranger = make_member(make_community())
    tries = [
        (Actor.member(member.pk), said(stranger.pk), "not_for_others"),
        (Actor.member(member.pk), said(None), "not_for_others"),
        (Actor.member(member.pk), said(member.pk, kind="join"), "not_for_others"),
        (Actor.member(stranger.pk), said(stranger.pk), "not_in_community"),
        (Actor.anonymous(), said(member.pk), "not_for_others"),
    ]

    for actor, record, code in tries:
        with pytest.raises(Refused) as refusal:
            receive(actor, room.pk, [record], NOW)
        assert refusal.value.code == code

    assert not Message.objects.exists()
    assert recorded() == []


def test_a_room_that_is_not_there_is_missing_and_nonsense_is_invalid() -> None:
    room = make_room()

    with pytest.raises(Missing):
        receive(Actor.system(), room.pk + 1, [said(None)], NOW)
    with pytest.raises(Invalid):
        receive(Actor.system(), room.pk, [said(None, person="")], NOW)

    assert not Message.objects.exists()
