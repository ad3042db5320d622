"""Broadcasts (群发): by the official ways only, one row per room, never faster than an account may send."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.selectors.audiences import open_rooms
from chaguan.communities.selectors.plans import check_plan
from chaguan.communities.types import Phase, Right
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox.actions import cancel, plan
from chaguan.outbox.contract import Intent
from chaguan.playbooks.broadcast_events import (
    BroadcastAsked,
    BroadcastCancelled,
    BroadcastPlanned,
)
from chaguan.playbooks.broadcasting import text_for
from chaguan.playbooks.document_faults import text_faults
from chaguan.playbooks.errors import NoSecondPerson
from chaguan.playbooks.models import Broadcast, BroadcastTarget
from chaguan.playbooks.selectors.broadcasts import second_people
from chaguan.playbooks.wording import PERSONAL_VARIABLES, personal_in_room, variables_in

MOST = 500  # communities at once
MAX_CHARS = 2000
NOT_HERE = frozenset(
    {"day", "event_time", "newcomer_names", "planned_items"}
)  # values only a run has
STALE = timedelta(hours=6)  # what could not go out for so long is not sent late


@dataclass(frozen=True)
class Wish:
    """What a person asks for. `due_at` is aware; `community_ids` are the chosen ones."""

    text: str
    purpose: str
    due_at: datetime
    community_ids: Collection[int]
    is_promotion: bool = False


@dataclass(frozen=True)
class Place:
    """An open room and the way to it."""

    room_id: int
    community_id: int
    connector: str
    account_id: int


@transaction.atomic
def broadcast(actor: Actor, wish: Wish, *, now: datetime) -> Broadcast:
    """Plan the message once for every open room of the chosen communities.

    Communities whose type forbids it, that are closed or have no open room are left out, each with its
    reason. What promotes is planned when a second person agrees. Statements: 8, and one for each thousand
    rooms.

    Emits: BroadcastPlanned, or BroadcastAsked.
    Raises: Missing when one of them may not be spoken to by the actor; Invalid; NoSecondPerson.
    """
    _check(wish, now)
    places = _chosen(actor, wish)
    waits = Broadcast.State.WAITING if wish.is_promotion else Broadcast.State.FREE
    row = Broadcast.objects.create(
        text=wish.text.strip(),
        purpose=wish.purpose.strip()[:200],
        is_promotion=wish.is_promotion,
        due_at=max(wish.due_at, now),
        created_at=now,
        by=actor.reference,
        state=waits,
        answer_by=_answer_by(wish, now) if wish.is_promotion else None,
    )
    targets, spoken = [], set()
    for place in places.values():
        code, sentence = _left_out(place.type, place.phase, wish.is_promotion)
        if code:
            targets.append(_target(row, place.pk, None, code, sentence))
        else:
            spoken.add(place.pk)
    found = open_rooms().filter(community_id__in=spoken).order_by("community_id", "pk")
    rooms = [Place(*r) for r in found.values_list("pk", "community_id", "connector", "account_id")]
    targets += [_target(row, room.community_id, room.room_id) for room in rooms]
    silent = spoken - {room.community_id for room in rooms}
    targets += [_target(row, pk, None, "no_room") for pk in sorted(silent)]
    BroadcastTarget.objects.bulk_create(targets, batch_size=500)
    counts = (row.pk, len(rooms), len(targets) - len(rooms))
    if wish.is_promotion:
        if rooms and not second_people(actor, {room.community_id for room in rooms}):
            raise NoSecondPerson
        record(BroadcastAsked(*counts), actor=actor, at=now)
    else:
        plan([_intent(row, room) for room in rooms], actor=actor, now=now)
        record(BroadcastPlanned(*counts), actor=actor, at=now)
    return row


def _answer_by(wish: Wish, now: datetime) -> datetime:
    """Until when somebody may agree: its own time; what is for now can wait as long as it is not stale."""
    return wish.due_at if wish.due_at > now else now + STALE


def plan_approved(actor: Actor, row: Broadcast, *, now: datetime) -> int:
    """Plan the rooms of a broadcast that a second person let go, as they are open now; returns how many.

    The caller wrote down the yes in its transaction. Emits: BroadcastPlanned.
    """
    row.due_at = max(row.due_at, now)
    row.save(update_fields=["due_at"])
    targets = row.targets.all()
    heard = targets.filter(left_out="", room__isnull=False).values_list("room_id", flat=True)
    found = open_rooms().filter(pk__in=heard).order_by("community_id", "pk")
    rooms = [Place(*r) for r in found.values_list("pk", "community_id", "connector", "account_id")]
    closed = targets.filter(left_out="").exclude(room__in=[room.room_id for room in rooms])
    closed.update(left_out="no_room")
    plan([_intent(row, room) for room in rooms], actor=actor, now=now)
    record(BroadcastPlanned(row.pk, len(rooms), targets.count() - len(rooms)), actor=actor, at=now)
    return len(rooms)


@dataclass(frozen=True)
class Hearing:
    """What one community would hear, in how many rooms; or why it would hear nothing."""

    community: str
    rooms: int
    text: str
    left_out: str = ""
    sentence: str = ""
    community_id: int = 0


def rehearse(actor: Actor, wish: Wish, *, now: datetime) -> list[Hearing]:
    """What `broadcast` would do, by community; nothing is written. Raises: as broadcast."""
    _check(wish, now)
    places = _chosen(actor, wish)
    rooms = Counter(
        open_rooms().filter(community_id__in=places).values_list("community_id", flat=True)
    )
    hearings = []
    for pk, place in places.items():
        code, sentence = _left_out(place.type, place.phase, wish.is_promotion)
        code = code or ("" if rooms[pk] else "no_room")
        text = "" if code else text_for(wish.text, place, max(wish.due_at, now))
        hearings.append(Hearing(place.name, 0 if code else rooms[pk], text, code, sentence, pk))
    return sorted(hearings, key=lambda hearing: (not hearing.left_out, hearing.community))


@transaction.atomic
def cancel_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> int:
    """Take back what has not gone out yet, in communities the actor may speak to; returns how many rows.

    Emits: BroadcastCancelled. Raises: Missing when the actor may speak in none of its communities.
    """
    mine = communities_visible_to(actor, Right.RUN_PLAYBOOKS).values("pk")
    here = BroadcastTarget.objects.filter(broadcast_id=broadcast_id, community__in=mine)
    keys = [target.key for target in here if not target.left_out]
    if not keys:
        raise Missing
    row = Broadcast.objects.select_for_update().get(pk=broadcast_id)
    taken = cancel(actor, now=now, reason="broadcast_cancelled", keys=keys)
    if row.cancelled_at is None:
        row.cancelled_at, row.cancelled_by = now, actor.reference
        row.save(update_fields=["cancelled_at", "cancelled_by"])
    record(BroadcastCancelled(row.pk, taken), actor=actor, at=now)
    return taken


def _chosen(actor: Actor, wish: Wish) -> dict[int, Any]:
    """The communities by id. Raises Missing when one of them may not be spoken to by the actor."""
    chosen = communities_visible_to(actor, Right.RUN_PLAYBOOKS).filter(pk__in=wish.community_ids)
    places = {place.pk: place for place in chosen.order_by("pk")}
    if len(places) != len(set(wish.community_ids)):
        raise Missing
    return places


def _check(wish: Wish, now: datetime) -> None:
    text = wish.text.strip()
    if not text:
        raise Invalid(_("Write what they should hear."))
    if len(text) > MAX_CHARS:
        raise Invalid(_("A message has at most %(most)d characters.") % {"most": MAX_CHARS})
    if not wish.purpose.strip():
        raise Invalid(_("Say in one sentence why they should hear this."))
    if not wish.community_ids:
        raise Invalid(_("Choose at least one community."))
    if len(wish.community_ids) > MOST:
        raise Invalid(_("At most %(most)d communities at once.") % {"most": MOST})
    if wish.due_at < now - timedelta(minutes=5):
        raise Invalid(_("The time has passed already. Choose a later one."))
    for sentence in text_faults(text, frozenset()):
        raise Invalid(sentence)
    used = variables_in(text)
    for name in sorted(used & PERSONAL_VARIABLES):
        raise Invalid(personal_in_room(name))
    for name in sorted(used & NOT_HERE):
        told = _("“%(name)s” has a value only in a playbook's run.")
        raise Invalid(told % {"name": name})


def _left_out(kind: str, phase: str, is_promotion: bool) -> tuple[str, str]:
    if phase in (Phase.CLOSED, Phase.DRAFT):
        return phase, ""
    for verdict in check_plan(kind, {"promotion": 1}) if is_promotion else ():
        return "type_guard", str(verdict.sentence)[:300]
    return "", ""


def _target(
    row: Broadcast, community_id: int, room_id: int | None, left_out: str = "", sentence: str = ""
) -> BroadcastTarget:
    place = f"room:{room_id}" if room_id else f"community:{community_id}"
    return BroadcastTarget(
        broadcast=row,
        community_id=community_id,
        room_id=room_id,
        key=f"broadcast:{row.pk}/{place}/",
        left_out=left_out,
        sentence=sentence,
    )


def _intent(row: Broadcast, room: Place) -> Intent:
    return Intent(
        key=f"broadcast:{row.pk}/room:{room.room_id}/",
        kind="say",
        connector=room.connector,
        account_id=room.account_id,
        due_at=row.due_at,
        community_id=room.community_id,
        room_id=room.room_id,
        renderer="broadcast",
        payload={"broadcast": row.pk},
        purpose=row.purpose,
        is_promotion=row.is_promotion,
        expires_at=row.due_at + STALE,
    )
