"""Hearing sign-ins in rooms (签到): reads a batch of posted messages and enters the presences."""

from collections.abc import Sequence

from chaguan.channels.selectors.texts import texts_of
from chaguan.communities.selectors.zones import zones_of
from chaguan.engagement.actions.sign_in import sign_in_many
from chaguan.engagement.types import Presence, SignInWay
from chaguan.engagement.words import LONGEST, is_sign_in
from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor

HISTORY = "system:import"  # facts of imported history are not lived through a second time


def sign_in_from_rooms(actor: Actor, batch: Sequence[Logged]) -> int:
    """Sign in the authors of messages that say so; returns how many were new.

    The day is the local date of the message, not of the moment we read it. Bots and imported history
    never sign in. Queries: texts, zones, and those of `sign_in_many`, whatever the size of the batch.
    """
    heard = [
        logged
        for logged in batch
        if not logged.actor.startswith(HISTORY)
        and not logged.data.get("is_bot")
        and logged.data["chars"] <= LONGEST
        and logged.community_id is not None
        and logged.member_id is not None
    ]
    if not heard:
        return 0
    texts = texts_of([logged.data["message_id"] for logged in heard])
    zones = zones_of({logged.community_id for logged in heard if logged.community_id})
    presences = []
    for logged in heard:
        assert logged.community_id is not None
        assert logged.member_id is not None
        local = logged.at.astimezone(zones[logged.community_id])
        if not is_sign_in(texts.get(logged.data["message_id"], ""), local_hour=local.hour):
            continue
        presences.append(
            Presence(
                community_id=logged.community_id,
                member_id=logged.member_id,
                day=local.date(),
                at=logged.at,
                way=SignInWay.ROOM,
                actor=Actor.member(logged.member_id).reference,
                caused_by=logged.id,
                depth=logged.depth + 1,
            )
        )
    return sign_in_many(actor, presences) if presences else 0
