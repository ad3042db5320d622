"""Rooms (群): adding, renaming, closing."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chaguan.communities.errors import CommunityClosed
from chaguan.communities.models import Community, Room
from chaguan.communities.policies import may
from chaguan.communities.types import Phase, Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.ids import new_public_id
from chaguan.kernel.policy import require


@transaction.atomic
def add_room(
    actor: Actor,
    community_id: int,
    name: str,
    *,
    account_id: int,
    connector: str = "portal",
    external_id: str = "",
    is_back_room: bool = False,
) -> Room:
    """Open a room, on our own member pages unless told otherwise. Without an id we make one.

    Raises: Refused, Missing, CommunityClosed, Invalid (an empty name, or a room that exists already).
    """
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    phase = Community.objects.filter(pk=community_id).values_list("phase", flat=True).first()
    if phase is None:
        raise Missing
    if phase == Phase.CLOSED:
        raise CommunityClosed
    purpose = Room.Purpose.BACK_ROOM if is_back_room else Room.Purpose.MAIN
    room = Room(
        community_id=community_id,
        name=_name(name),
        connector=connector,
        account_id=account_id,
        external_id=(external_id or new_public_id())[:160],
        purpose=purpose,
    )
    try:
        with transaction.atomic():
            room.save()
    except IntegrityError as taken:
        raise Invalid(_("This room is with us already.")) from taken
    return room


@transaction.atomic
def rename_room(actor: Actor, room_id: int, name: str) -> None:
    """Change what people read as the room's name. Raises Refused, Missing, Invalid."""
    room = _room(actor, room_id)
    Room.objects.filter(pk=room.pk).update(name=_name(name))


@transaction.atomic
def close_room(actor: Actor, room_id: int) -> None:
    """Nothing is said in the room any more; what was said stays. Raises Refused, Missing."""
    room = _room(actor, room_id)
    Room.objects.filter(pk=room.pk).update(is_open=False)


@transaction.atomic
def reopen_room(actor: Actor, room_id: int) -> None:
    """Talk may go on. Raises Refused, Missing."""
    room = _room(actor, room_id)
    Room.objects.filter(pk=room.pk).update(is_open=True)


def _room(actor: Actor, room_id: int) -> Room:
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise Missing
    require(may(actor, Right.EDIT_COMMUNITY, room.community_id))
    return room


def _name(name: str) -> str:
    clean = " ".join(name.replace("\x00", "").split())[:120]
    if not clean:
        raise Invalid(_("Give the room a name."))
    return clean
