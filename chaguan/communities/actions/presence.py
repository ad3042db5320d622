"""Who is in and who spoke, in bulk: for imports and inbound batches. The facts are the caller's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from django.db import connection, transaction

from chaguan.communities.models import Membership
from chaguan.communities.policies import may
from chaguan.communities.selectors.rights import forget_rights
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require
from chaguan.kernel.rowset import rowset
from chaguan.people.actions.stages import raise_from_presence

MovementKind = Literal["join", "seen", "leave", "remove"]


@dataclass(frozen=True, slots=True)
class Movement:
    """One coming or going. `seen`: somebody is here whose joining nobody recorded. `at` is aware."""

    community_id: int
    member_id: int
    at: datetime
    kind: MovementKind
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """New messages of one member in one community: how many, the first and the last instant."""

    community_id: int
    member_id: int
    messages: int
    first_at: datetime
    last_at: datetime
    origin: str = ""


CHUNK = 2000
_IN, _LEFT, _REMOVED = (
    state.value for state in (Membership.State.IN, Membership.State.LEFT, Membership.State.REMOVED)
)


def apply_joins_and_leaves(actor: Actor, movements: Sequence[Movement]) -> None:
    """Bring memberships up to date with movements that happened outside, any number of them.

    Movements of one call may come in any order; the newest of each membership wins, also against what is
    stored, so applying a file again ends where it ended before. `joined_at` is the beginning of the
    present (or last) stay. Two statements per 2,000 memberships.
    """
    require(may(actor, Right.IMPORT))
    stays = list(_reduce(movements).values())
    with transaction.atomic(savepoint=False):
        for start in range(0, len(stays), CHUNK):
            _store(stays[start : start + CHUNK])
    forget_rights()


def count_messages(actor: Actor, spoken: Sequence[Spoken]) -> None:
    """Add new messages to memberships. Not idempotent: pass only messages that were not known before.

    Who speaks is in: a missing membership begins with the first message, and one who had left before the
    last message is back. Imported histories often have no joins, so there who spoke is acquainted with us.
    One statement per 2,000 memberships, and one or two for stages.
    """
    require(may(actor, Right.IMPORT))
    merged = list(_merge(spoken).values())
    with transaction.atomic(savepoint=False):
        for start in range(0, len(merged), CHUNK):
            _add(merged[start : start + CHUNK])
        if actor.reference.startswith("system:import"):
            raise_from_presence(actor, {row.member_id: row.first_at for row in merged})


@dataclass(slots=True)
class _Stay:
    """The last stay of one membership inside a call. `broke_at`: the last leave before `joined_at`."""

    community_id: int
    member_id: int
    state: str
    joined_at: datetime
    left_at: datetime | None
    changed_at: datetime
    broke_at: datetime | None
    origin: str


_STAY = {
    "community_id": "bigint",
    "member_id": "bigint",
    "state": "text",
    "joined_at": "timestamptz",
    "left_at": "timestamptz",
    "changed_at": "timestamptz",
    "broke_at": "timestamptz",
    "origin": "text",
}


def _reduce(movements: Sequence[Movement]) -> dict[tuple[int, int], _Stay]:
    stays: dict[tuple[int, int], _Stay] = {}
    for move in sorted(movements, key=lambda movement: movement.at):
        key = (move.community_id, move.member_id)
        stay = stays.get(key)
        if move.kind in ("join", "seen"):
            if stay is not None and stay.state == _IN:
                stay.changed_at = move.at
                continue
            broke_at = stay.left_at if stay else None
            stays[key] = _Stay(*key, _IN, move.at, None, move.at, broke_at, move.origin[:60])
            continue
        state = _LEFT if move.kind == "leave" else _REMOVED
        if stay is None:
            stays[key] = _Stay(*key, state, move.at, move.at, move.at, None, move.origin[:60])
        elif stay.state == _IN:
            stay.state, stay.left_at, stay.changed_at = state, move.at, move.at
    return stays


_INSERT_STAYS = """
    INSERT INTO communities_membership
        (community_id, member_id, state, joined_at, left_at, origin, card, messages)
    SELECT community_id, member_id, state, joined_at, left_at, origin, '', 0
    FROM ({given}) AS v WHERE true
    ON CONFLICT (community_id, member_id) DO NOTHING
"""

# Four cases: the news says in or out (v.left_at), the row says in or out (m.left_at). News older than the
# row changes nothing, save that an older join tells when a stay began of which only the end was known.
_UPDATE_STAYS = """
    UPDATE communities_membership AS m SET
        joined_at = CASE
            WHEN m.left_at IS NULL AND v.broke_at >= m.joined_at THEN v.joined_at
            WHEN m.left_at IS NULL THEN m.joined_at
            WHEN v.joined_at >= m.left_at THEN v.joined_at
            WHEN v.left_at IS NULL AND v.changed_at >= m.left_at THEN v.changed_at
            WHEN m.joined_at >= m.left_at THEN v.joined_at
            ELSE m.joined_at END,
        state = CASE WHEN v.changed_at >= COALESCE(m.left_at, m.joined_at) THEN v.state
            ELSE m.state END,
        left_at = CASE WHEN v.changed_at >= COALESCE(m.left_at, m.joined_at) THEN v.left_at
            ELSE m.left_at END
    FROM ({given}) AS v
    WHERE m.community_id = v.community_id AND m.member_id = v.member_id
      AND (v.changed_at >= COALESCE(m.left_at, m.joined_at)
           OR (m.joined_at >= m.left_at AND v.joined_at < m.joined_at))
"""


def _store(stays: Sequence[_Stay]) -> None:
    given, params = rowset(_STAY, [[getattr(stay, name) for name in _STAY] for stay in stays])
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_STAYS.format(given=given), params)
        cursor.execute(_UPDATE_STAYS.format(given=given), params)


_SPOKEN = {
    "community_id": "bigint",
    "member_id": "bigint",
    "messages": "bigint",
    "first_at": "timestamptz",
    "last_at": "timestamptz",
    "origin": "text",
}

_ADD = """
    INSERT INTO communities_membership AS m (community_id, member_id, state, joined_at, origin, card,
        messages, first_message_at, last_message_at)
    SELECT community_id, member_id, %s, first_at, origin, '', messages, first_at, last_at
    FROM ({given}) AS v WHERE true
    ON CONFLICT (community_id, member_id) DO UPDATE SET
        messages = m.messages + excluded.messages,
        first_message_at =
            {least}(COALESCE(m.first_message_at, excluded.first_message_at), excluded.first_message_at),
        last_message_at =
            {most}(COALESCE(m.last_message_at, excluded.last_message_at), excluded.last_message_at),
        state = CASE WHEN m.left_at < excluded.last_message_at THEN excluded.state ELSE m.state END,
        joined_at = CASE
            WHEN m.left_at < excluded.first_message_at THEN excluded.first_message_at
            WHEN m.left_at < excluded.last_message_at THEN excluded.last_message_at
            ELSE m.joined_at END,
        left_at = CASE WHEN m.left_at < excluded.last_message_at THEN NULL ELSE m.left_at END
"""


def _merge(spoken: Sequence[Spoken]) -> dict[tuple[int, int], Spoken]:
    merged: dict[tuple[int, int], Spoken] = {}
    for row in spoken:
        known = merged.get((row.community_id, row.member_id))
        merged[(row.community_id, row.member_id)] = (
            row
            if known is None
            else replace(
                known,
                messages=known.messages + row.messages,
                first_at=min(known.first_at, row.first_at),
                last_at=max(known.last_at, row.last_at),
            )
        )
    return merged


def _add(spoken: Sequence[Spoken]) -> None:
    rows: list[list[Any]] = [[getattr(row, name) for name in _SPOKEN] for row in spoken]
    given, params = rowset(_SPOKEN, rows)
    is_postgres = connection.vendor == "postgresql"
    least, most = ("LEAST", "GREATEST") if is_postgres else ("MIN", "MAX")
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(given=given, least=least, most=most), [_IN, *params])
