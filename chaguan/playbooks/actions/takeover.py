"""Stepping in front of the automatic track: a member's talk (接手), and one room of a run."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from chaguan.channels.events import SendingDecided
from chaguan.communities.selectors.audiences import open_rooms, people_inside
from chaguan.eventlog.actions import record, record_many
from chaguan.eventlog.contract import Event
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.errors import AlreadyDecided
from chaguan.playbooks.events import HandedBack, RoomSetAside, RoomWentOn, TakenOver
from chaguan.playbooks.models import RoomPause, Run, TakeOver
from chaguan.playbooks.policies import may_run_playbooks, may_take_over
from chaguan.playbooks.selectors.pauses import held_in
from chaguan.playbooks.types import RunState, Waited

DROPPED = "talk_dropped"  # reason of an outbox row; permanent


@transaction.atomic
def take_over(
    actor: Actor, member_id: int, community_id: int, *, now: datetime, reason: str = ""
) -> TakeOver:
    """Talk to a member yourself: automatic private messages of the community are held from now on.

    Waits and the timeline go on. Taking over again what is already one's own changes nothing.
    Emits: TakenOver. Raises: Missing, Refused, AlreadyDecided when a colleague has it.
    """
    inside = people_inside().filter(member_id=member_id, community_id=community_id)
    if not inside.exists():
        raise Missing
    require(may_take_over(actor, community_id))
    row, is_new = TakeOver.objects.get_or_create(
        member_id=member_id,
        community_id=community_id,
        until=None,
        defaults={"by": actor.reference, "since": now, "reason": reason.strip()[:200]},
    )
    if not is_new:
        if row.by != actor.reference:
            raise AlreadyDecided(_("A colleague is already talking to this member herself."))
        return row
    record(TakenOver(community_id, member_id, row.reason), actor=actor, at=now)
    return row


@transaction.atomic
def hand_back(
    actor: Actor,
    member_id: int,
    community_id: int,
    *,
    now: datetime,
    waited: Waited = Waited.KEEP,
    reason: str = "",
) -> int:
    """Let the playbooks speak to the member again; returns how many held messages were decided with it.

    What was held meanwhile stays held, or goes out in its order, or is dropped with a reason. What goes out
    has no end any more: a person says that it still makes sense. Opt-outs, quiet hours and caps have their say.
    Emits: HandedBack; SendingDecided for each message. Raises: Missing, Refused, Invalid to drop without a
    reason.
    """
    require(may_take_over(actor, community_id))
    talks = TakeOver.objects.select_for_update()
    talk = talks.filter(member_id=member_id, community_id=community_id, until=None).first()
    if talk is None:
        raise Missing
    if waited == Waited.DROP and not reason.strip():
        raise Invalid(_("Say in a few words why they are dropped."), code="reason_missing")
    talk.until, talk.ended_by = now, actor.reference
    talk.save(update_fields=["until", "ended_by"])
    rows = list(held_in(talk).select_for_update()) if waited != Waited.KEEP else []
    _decide(actor, rows, waited, now)
    why = reason.strip()[:200] if waited == Waited.DROP else ""
    fact = HandedBack(community_id, member_id, waited.value, len(rows), why)
    record(fact, actor=actor, at=now)
    return len(rows)


def _decide(actor: Actor, rows: Sequence[OutboxRow], waited: Waited, now: datetime) -> None:
    """Put them in line again, or take them back. Two statements."""
    if not rows:
        return
    if waited == Waited.SEND:
        outbox.put_again(actor, Q(pk__in=[row.pk for row in rows]), due_at=now)
    else:
        outbox.cancel(actor, now=now, reason=DROPPED, keys=[row.key for row in rows])
    decision = "released" if waited == Waited.SEND else "cancelled"
    facts: list[tuple[Event, datetime]] = [
        (
            SendingDecided(
                outbox_id=row.pk,
                decision=decision,
                was=row.state,
                community_id=row.community_id,
                room_id=row.room_id,
                member_id=row.member_id,
            ),
            now,
        )
        for row in rows
    ]
    record_many(facts, actor=actor)


@transaction.atomic
def pause_room(actor: Actor, run_id: int, room_id: int, reason: str, *, now: datetime) -> RoomPause:
    """Let one room of a run stand still; its other rooms and its people go on.

    Emits: RoomSetAside. Raises: Missing, Refused, Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(_("Say in a few words why this room is paused."), code="reason_missing")
    run = _run(actor, run_id)
    if not open_rooms().filter(pk=room_id, community_id=run.community_id).exists():
        raise Missing
    row, is_new = RoomPause.objects.get_or_create(
        run=run,
        room_id=room_id,
        until=None,
        defaults={"reason": reason.strip()[:200], "by": actor.reference, "since": now},
    )
    if is_new:
        fact = RoomSetAside(run.community_id, run.pk, room_id, row.reason)
        record(fact, actor=actor, at=now)
    return row


@transaction.atomic
def resume_room(actor: Actor, run_id: int, room_id: int, *, now: datetime) -> int:
    """Let a room go on; what is still to come there is later by the local days it stood still.

    Returns those days. Emits: RoomWentOn. Raises: Missing, Refused.
    """
    run = _run(actor, run_id)
    rows = RoomPause.objects.select_for_update().filter(run=run, room_id=room_id, until=None)
    row = rows.first()
    if row is None:
        raise Missing
    zone = ZoneInfo(run.zone)
    row.days = (now.astimezone(zone).date() - row.since.astimezone(zone).date()).days
    row.until, row.ended_by = now, actor.reference
    row.save(update_fields=["until", "days", "ended_by"])
    record(RoomWentOn(run.community_id, run.pk, room_id, row.days), actor=actor, at=now)
    return row.days


def _run(actor: Actor, run_id: int) -> Run:
    run = Run.objects.filter(pk=run_id, state__in=[RunState.RUNNING, RunState.PAUSED]).first()
    if run is None or not may_run_playbooks(actor, run.community_id):
        raise Missing
    return run
