"""Saying something in one of our own rooms."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chaguan.channels.actions.inbound import receive
from chaguan.channels.contract import Record
from chaguan.channels.selectors.rooms import Line, said_lately
from chaguan.communities.selectors.places import RoomSign
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require
from chaguan.portal.errors import TooManyTries
from chaguan.portal.policies import may_say
from chaguan.portal.selectors import Visitor
from chaguan.portal.tokens import read_form, sign_form

PER_MINUTE = 12


def new_say_mark(visitor: Visitor, room_id: int, now: datetime) -> str:
    """A mark for one message: sent twice, it is still one message."""
    return sign_form(_purpose(visitor, room_id), secrets.token_urlsafe(9), now)


@transaction.atomic
def say_in_room(
    visitor: Visitor,
    room: RoomSign,
    text: str,
    *,
    mark: str,
    answers: Line | None,
    now: datetime,
) -> None:
    """Post the member's message, once per mark. The caller has checked that the room is hers.

    Raises: Invalid for a mark that is foreign or too old; Refused (may_say); TooManyTries above PER_MINUTE.
    """
    read = read_form(_purpose(visitor, room.id), mark, now)
    if read is None:
        raise Invalid(
            _("This page was open for very long. Your words are still here; send them again.")
        )
    require(may_say(visitor.actor, room))
    if said_lately(visitor.member_id, room.id, now - timedelta(minutes=1)) >= PER_MINUTE:
        raise TooManyTries
    said = Record(
        external_id=f"web:{read}",
        at=now,
        kind="message",
        person=visitor.address,
        member_id=visitor.member_id,
        name=visitor.name,
        text=text,
        reply_to=answers.external_id if answers else "",
    )
    receive(visitor.actor, room.id, [said], now)


def _purpose(visitor: Visitor, room_id: int) -> str:
    return f"say-{room_id}-{visitor.member_id}"
