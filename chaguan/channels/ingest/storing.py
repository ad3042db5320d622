"""One batch of records into the house: people, messages, facts and memberships, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from chaguan.channels.contract import Record
from chaguan.channels.events import MemberRenamed, MessagePosted
from chaguan.channels.ingest.messages import insert_messages
from chaguan.channels.ingest.tidying import one_line
from chaguan.communities.actions import (
    Movement,
    Spoken,
    apply_joins_and_leaves,
    count_messages,
)
from chaguan.communities.actions.presence import MovementKind
from chaguan.communities.events import MemberJoined, MemberLeft, MemberRemoved
from chaguan.eventlog.actions import NewFact, append
from chaguan.eventlog.selectors import known_source_ids
from chaguan.kernel.actor import Actor
from chaguan.people.actions import NewIdentity, find_or_create_members

_FACTS = {
    "join": MemberJoined.name,
    "leave": MemberLeft.name,
    "kick": MemberRemoved.name,
    "rename": MemberRenamed.name,
}
_MOVES: dict[str, MovementKind] = {
    "rename": "seen",
    "join": "join",
    "leave": "leave",
    "kick": "remove",
}


@dataclass(frozen=True)
class Place:
    """Where records of one room name go."""

    community_id: int
    room_id: int


@dataclass(frozen=True)
class Channel:
    """Whose ids the records carry. `scope` keeps equal ids of two accounts apart."""

    connector: str
    scope: str
    origin: str = "channel"  # how memberships that we learn of this way came about


@dataclass
class Stored:
    """What became of a batch: new records by kind, and those that were known."""

    new: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0

    @property
    def total(self) -> int:
        return sum(self.new.values())


@transaction.atomic(savepoint=False)
def store(actor: Actor, channel: Channel, placed: Sequence[tuple[Place, Record]]) -> Stored:
    """Store tidy records with their places, in their order. Known ones change nothing.

    Facts are appended with source `room:<id>` and the record's own id, so the log too takes each once.
    Imports pass an actor whose reference starts with `system:import`: subscribers that act on the living
    world (playbooks, points, stages) skip facts by such an actor, whatever their instant.

    Statements: 10 on top of what new people cost, however many records there are.
    """
    if not placed:
        return Stored()
    members = _members(actor, channel, placed)
    talk = [
        (place.room_id, member_id, record)
        for (place, record), member_id in zip(placed, members, strict=True)
        if record.kind == "message"
    ]
    message_ids = insert_messages(talk)
    known = _known_moves(placed)
    batch = _Batch(actor.reference, channel.origin)
    spoken_place = -1
    for (place, record), member_id in zip(placed, members, strict=True):
        if record.kind == "message":
            spoken_place += 1
            batch.add_message(place, record, member_id, message_ids.get(spoken_place))
        else:
            key = (place.room_id, record.external_id)
            batch.add_move(place, record, member_id, is_known=key in known)
            known.add(key)
    append(batch.facts)
    apply_joins_and_leaves(actor, batch.movements())
    count_messages(actor, batch.spoken())
    return batch.stored


def _members(actor: Actor, channel: Channel, placed: Sequence[tuple[Place, Record]]) -> list[int]:
    """The member of each record, made where new. A record may name its member itself."""
    seen: dict[str, list[Record]] = {}
    for _place, record in placed:
        if record.member_id is None:
            ends = seen.setdefault(record.person, [record, record])
            if record.at < ends[0].at:
                ends[0] = record
            if record.at >= ends[1].at:
                ends[1] = record
    bots = {record.person for _place, record in placed if record.is_bot}
    identities = [
        NewIdentity(
            channel.connector,
            channel.scope,
            person,
            last.name or first.name or person,
            first.at,
            is_bot=person in bots,
            last_seen_at=last.at,
        )
        for person, (first, last) in seen.items()
    ]
    found = find_or_create_members(actor, identities) if identities else []
    ids = dict(zip(seen, found, strict=True))
    return [
        record.member_id if record.member_id is not None else ids[record.person]
        for _place, record in placed
    ]


def _known_moves(placed: Sequence[tuple[Place, Record]]) -> set[tuple[int, str]]:
    """Which joins, leaves, kicks and renames the log has already."""
    wanted: dict[int, list[str]] = {}
    for place, record in placed:
        if record.kind != "message":
            wanted.setdefault(place.room_id, []).append(record.external_id)
    return {
        (room_id, key)
        for room_id, keys in wanted.items()
        for key in known_source_ids(_source(room_id), keys)
    }


def _source(room_id: int) -> str:
    return f"room:{room_id}"


class _Batch:
    """Collects what follows from the new records of a batch."""

    def __init__(self, actor_reference: str, origin: str) -> None:
        self.facts: list[NewFact] = []
        self.stored = Stored()
        self._actor = actor_reference
        self._origin = origin
        self._moves: list[Movement] = []
        self._spoken: dict[tuple[int, int], tuple[int, datetime, datetime]] = {}

    def add_message(
        self, place: Place, record: Record, member_id: int, message_id: int | None
    ) -> None:
        """Take a message; without an id it was known."""
        if message_id is None:
            self.stored.duplicates += 1
            return
        text = record.text
        self._add_fact(
            MessagePosted.name,
            place,
            record,
            member_id,
            {
                "message_id": message_id,
                "chars": len(text),
                "is_bot": record.is_bot,
                "is_reply": bool(record.reply_to),
                "has_link": "://" in text or "www." in text,
            },
        )
        key, at = (place.community_id, member_id), record.at
        count, first, last = self._spoken.get(key, (0, at, at))
        self._spoken[key] = (count + 1, min(first, at), max(last, at))

    def add_move(self, place: Place, record: Record, member_id: int, *, is_known: bool) -> None:
        """Take a join, leave, kick or rename."""
        if is_known:
            self.stored.duplicates += 1
            return
        payload: dict[str, object] = {"is_bot": record.is_bot}
        if record.kind == "join":
            payload["origin"] = self._origin
        elif record.kind == "kick":
            payload["reason"] = record.text[:200]
        elif record.kind == "rename":
            payload["old"] = one_line(record.name or record.person)
            payload["new"] = one_line(record.new_name)
        self._add_fact(_FACTS[record.kind], place, record, member_id, payload)
        move = Movement(place.community_id, member_id, record.at, _MOVES[record.kind], self._origin)
        self._moves.append(move)

    def _add_fact(
        self, name: str, place: Place, record: Record, member_id: int, payload: dict[str, object]
    ) -> None:
        kind = record.kind
        self.stored.new[kind] = self.stored.new.get(kind, 0) + 1
        self.facts.append(
            NewFact(
                _source(place.room_id),
                record.external_id,
                name,
                record.at,
                place.community_id,
                place.room_id,
                member_id,
                self._actor,
                None,
                0,
                payload,
            )
        )

    def movements(self) -> list[Movement]:
        """Comings and goings. Who also spoke was there since then, which a leave alone does not tell."""
        moved = {(move.community_id, move.member_id) for move in self._moves}
        sights = [
            Movement(*key, first, "seen", self._origin)
            for key, (_count, first, _last) in self._spoken.items()
            if key in moved
        ]
        return sights + self._moves

    def spoken(self) -> list[Spoken]:
        """New messages by community and member."""
        return [
            Spoken(*key, count, first, last, self._origin)
            for key, (count, first, last) in self._spoken.items()
        ]
