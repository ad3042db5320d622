"""Hearing sign-ins in rooms (签到): reads a batch of posted messages and enters the presences."""

from collections.abc import Sequence

from chaguan.channels.selectors.texts import texts_of
from chaguan.communities.selectors.zones import zones_of
from chaguan.engagement.actions.sign_in import sign_in_many
from chaguan.engagement.policies import may_sign_others_in
from chaguan.engagement.types import Presence, SignInWay
from chaguan.engagement.words import LONGEST, is_opt_out, is_sign_in
from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require
from chaguan.people.actions import opt_out_of_touches

HISTORY = "system:import"  # facts of imported history are not lived through a second time


def sign_in_from_rooms(actor: Actor, batch: Sequence[Logged]) -> int:
    """Sign in the authors of messages that say so; returns how many were new.

    The day is the local date of the message, not of the moment we read it. Bots and imported history
    never sign in. Queries: texts, zones, and those of `sign_in_many`, whatever the size of the batch.
    """
    heard = _short_words_of_members(batch)
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


def opt_out_by_word(actor: Actor, batch: Sequence[Logged]) -> int:
    """Stop private messages to those who said so in a room; returns how many said it.

    Each is the member's own act, once in a life: a statement for one of them is no flood.
    Emits: TouchOptedOut, the first time. Raises: Refused (may_sign_others_in: rooms are heard by us alone).
    """
    require(may_sign_others_in(actor))
    heard = _short_words_of_members(batch)
    texts = texts_of([logged.data["message_id"] for logged in heard]) if heard else {}
    asked = [one for one in heard if is_opt_out(texts.get(one.data["message_id"], ""))]
    for one in asked:
        assert one.member_id is not None
        opt_out_of_touches(Actor.member(one.member_id), one.member_id, now=one.at)
    return len(asked)


def _short_words_of_members(batch: Sequence[Logged]) -> list[Logged]:
    """What living members said in a few words; bots and imported history left out."""
    return [
        logged
        for logged in batch
        if not logged.actor.startswith(HISTORY)
        and not logged.data.get("is_bot")
        and logged.data["chars"] <= LONGEST
        and logged.community_id is not None
        and logged.member_id is not None
    ]
