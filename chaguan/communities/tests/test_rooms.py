import pytest

from chaguan.communities.actions.rooms import add_room, close_room, rename_room, reopen_room
from chaguan.communities.errors import CommunityClosed
from chaguan.communities.models import Room
from chaguan.communities.testing import make_community, make_owner, make_staff
from chaguan.kernel.errors import Invalid, Missing, Refused

pytestmark = pytest.mark.django_db


def test_room_is_on_our_pages_unless_told_otherwise() -> None:
    community, owner = make_community(), make_owner()

    room = add_room(owner, community.pk, " 大厅 ", account_id=1)
    add_room(owner, community.pk, "值班室", account_id=1, is_back_room=True)
    rename_room(owner, room.pk, "茶室")
    close_room(owner, room.pk)

    kept = Room.objects.get(pk=room.pk)
    assert (kept.name, kept.connector, kept.purpose, kept.is_open) == (
        "茶室",
        "portal",
        "main",
        False,
    )
    assert len(kept.external_id) == 26
    reopen_room(owner, room.pk)
    assert Room.objects.filter(is_open=True).count() == 2


def test_room_cannot_be_added_twice_or_by_strangers_or_to_the_dead() -> None:
    community, owner = make_community(), make_owner()
    room = add_room(owner, community.pk, "大厅", account_id=1, connector="irc", external_id="#tea")
    stranger = make_staff("community_manager", make_community())

    with pytest.raises(Invalid):
        add_room(owner, community.pk, "又一个", account_id=1, connector="irc", external_id="#tea")
    with pytest.raises(Invalid):
        rename_room(owner, room.pk, "  ")
    with pytest.raises(Refused):
        add_room(stranger, community.pk, "x", account_id=1)
    with pytest.raises(Refused):
        close_room(stranger, room.pk)
    with pytest.raises(Missing):
        close_room(owner, 999)
    with pytest.raises(CommunityClosed):
        add_room(owner, make_community(phase="closed").pk, "x", account_id=1)

    assert Room.objects.get().name == "大厅"
