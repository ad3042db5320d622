"""Finding and making members by their identities, in bulk; renaming; opting out of touches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.ids import new_public_id
from chaguan.kernel.policy import require
from chaguan.kernel.rowset import rowset
from chaguan.people.events import TouchOptedOut
from chaguan.people.models import Member
from chaguan.people.policies import may_bring_in_members, may_edit_member, may_opt_out
from chaguan.people.types import RelationStage

NAME_LENGTH = 120
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """One account of a person at a channel, as an import or an inbound batch sees it.

    `scope` keeps equal ids of two accounts apart ("" when the connector's ids are unique by themselves).
    `seen_at` is the first instant seen; `last_seen_at` the last one (None: the same). Both aware.
    """

    connector: str
    scope: str
    external_id: str
    name: str
    seen_at: datetime
    is_bot: bool = False
    last_seen_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.connector, self.scope, self.external_id)


def find_or_create_members(actor: Actor, identities: Sequence[NewIdentity]) -> list[int]:
    """Return one member id per identity, in order, making members for those not known yet.

    Known members keep their name; their first and last sight widen. Repeats inside the batch are fine.
    Statements: at most 5 per 2,000 different identities. Races: two callers that make the same identity at
    once get the same member; the unique key decides, and the loser's spare row is removed.
    """
    require(may_bring_in_members(actor))
    merged = _merge(identities)
    ids: dict[tuple[str, str, str], int] = {}
    wanted = list(merged.values())
    with transaction.atomic(savepoint=False):
        for start in range(0, len(wanted), CHUNK):
            ids |= _find_or_create_chunk(wanted[start : start + CHUNK])
    return [ids[_clean(identity).key] for identity in identities]


@transaction.atomic
def rename_member(actor: Actor, member_id: int, name: str) -> None:
    """Set the name shown for a member. Raises Missing, Invalid for an empty name, Refused."""
    require(may_edit_member(actor, member_id))
    clean = _text(name, NAME_LENGTH)
    if not clean:
        raise Invalid
    if not Member.objects.filter(pk=member_id).update(name=clean):
        raise Missing


@transaction.atomic
def opt_out_of_touches(actor: Actor, member_id: int, *, now: datetime) -> None:
    """Stop one-to-one messages to a member, at their wish. Emits: TouchOptedOut, the first time."""
    require(may_opt_out(actor, member_id))
    fresh = Member.objects.filter(pk=member_id, touch_opt_out_at__isnull=True)
    if fresh.update(touch_opt_out_at=now):
        record(TouchOptedOut(member_id), actor=actor, at=now)


def _text(value: str, length: int) -> str:
    """What the database can hold: no NUL, no surrounding space, cut to length."""
    return value.replace("\x00", "").strip()[:length]


def _clean(identity: NewIdentity) -> NewIdentity:
    external_id = identity.external_id.replace("\x00", "")[:160]
    if external_id == identity.external_id:
        return identity
    return replace(identity, external_id=external_id)


def _merge(identities: Iterable[NewIdentity]) -> dict[tuple[str, str, str], NewIdentity]:
    """One entry per key: first sight the earliest, last sight the latest, a bot once marked as such."""
    merged: dict[tuple[str, str, str], NewIdentity] = {}
    for raw in identities:
        identity = _clean(raw)
        known = merged.get(identity.key)
        if known is None:
            merged[identity.key] = identity
            continue
        merged[identity.key] = replace(
            known,
            seen_at=min(known.seen_at, identity.seen_at),
            last_seen_at=max(_last(known), _last(identity)),
            is_bot=known.is_bot or identity.is_bot,
            name=known.name or identity.name,
        )
    return merged


def _last(identity: NewIdentity) -> datetime:
    return max(identity.seen_at, identity.last_seen_at or identity.seen_at)


def _find_or_create_chunk(wanted: Sequence[NewIdentity]) -> dict[tuple[str, str, str], int]:
    found = _find([identity.key for identity in wanted])
    known = [identity for identity in wanted if identity.key in found]
    new = [identity for identity in wanted if identity.key not in found]
    if new:
        found |= _create(new)
    if known:
        _widen([(found[identity.key], identity) for identity in known])
    return found


_KEY = {"connector": "text", "scope": "text", "external_id": "text"}


def _find(keys: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    given, params = rowset(_KEY, keys)
    sql = (
        "SELECT i.connector, i.scope, i.external_id, i.member_id"
        f" FROM ({given}) AS v CROSS JOIN people_identity AS i"
        " WHERE i.connector = v.connector AND i.scope = v.scope AND i.external_id = v.external_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}


_MEMBER = {
    "public_id": "text",
    "name": "text",
    "is_bot": "boolean",
    "first_seen_at": "timestamptz",
    "last_seen_at": "timestamptz",
}
_IDENTITY = {"public_id": "text", **_KEY, "name": "text"}


def _create(new: Sequence[NewIdentity]) -> dict[tuple[str, str, str], int]:
    """Make members, then claim the identities; members whose identity was claimed by another go again."""
    fresh = [(new_public_id(), identity) for identity in new]
    members, member_params = rowset(
        _MEMBER,
        [
            (public_id, _text(i.name or i.external_id, NAME_LENGTH), i.is_bot, i.seen_at, _last(i))
            for public_id, i in fresh
        ],
    )
    claims, claim_params = rowset(
        _IDENTITY,
        [(public_id, *i.key, _text(i.name, NAME_LENGTH)) for public_id, i in fresh],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_member (public_id, name, is_bot, stage, stage_since, first_seen_at,"
            " last_seen_at, timezone, locale) SELECT public_id, name, is_bot, %s, first_seen_at,"
            f" first_seen_at, last_seen_at, '', '' FROM ({members}) AS v",
            [RelationStage.UNAWARE.value, *member_params],
        )
        cursor.execute(
            "INSERT INTO people_identity (member_id, connector, scope, external_id, name)"
            " SELECT m.id, v.connector, v.scope, v.external_id, v.name"
            f" FROM ({claims}) AS v JOIN people_member AS m ON m.public_id = v.public_id"
            " WHERE true ON CONFLICT (connector, scope, external_id) DO NOTHING"
            " RETURNING connector, scope, external_id, member_id",
            claim_params,
        )
        claimed = {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}
    lost = [(public_id, i) for public_id, i in fresh if i.key not in claimed]
    if lost:
        Member.objects.filter(public_id__in=[public_id for public_id, _i in lost]).delete()
        claimed |= _find([i.key for _public_id, i in lost])
    return claimed


_SIGHT = {"id": "bigint", "is_bot": "boolean", "first_at": "timestamptz", "last_at": "timestamptz"}


def _widen(known: Sequence[tuple[int, NewIdentity]]) -> None:
    """Stretch first and last sight; only rows that really change are written."""
    merged: dict[int, tuple[int, bool, datetime, datetime]] = {}
    for member_id, i in known:
        old = merged.get(member_id, (member_id, False, i.seen_at, _last(i)))
        merged[member_id] = (
            member_id,
            old[1] or i.is_bot,
            min(old[2], i.seen_at),
            max(old[3], _last(i)),
        )
    given, params = rowset(_SIGHT, sorted(merged.values()))
    least, most = ("LEAST", "GREATEST") if connection.vendor == "postgresql" else ("MIN", "MAX")
    bot = "(m.is_bot OR v.is_bot)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE people_member AS m SET is_bot = {bot},"
            f" first_seen_at = {least}(m.first_seen_at, v.first_at),"
            f" last_seen_at = {most}(COALESCE(m.last_seen_at, v.last_at), v.last_at)"
            f" FROM ({given}) AS v WHERE m.id = v.id AND (v.first_at < m.first_seen_at"
            " OR m.last_seen_at IS NULL OR v.last_at > m.last_seen_at OR (v.is_bot AND NOT m.is_bot))",
            params,
        )
