"""Who stepped in front of the automatic track: talks taken over, rooms that stand still."""

from collections.abc import Collection

from django.db.models import QuerySet

from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.models import RoomPause, TakeOver


def paused_rooms(run_id: int) -> dict[int, RoomPause]:
    """The rooms of a run that stand still now, by the room's id. The caller may see the run."""
    rows = RoomPause.objects.filter(run=run_id, until__isnull=True)
    return {row.room_id: row for row in rows}


def takeovers_visible_to(actor: Actor) -> QuerySet[TakeOver]:
    """Talks that people lead themselves, where the actor may view members; newest first."""
    rows = TakeOver.objects.select_related("community").order_by("-since", "-pk")
    ids = community_ids_with(actor, Right.VIEW_MEMBERS)
    return rows if ids is None else rows.filter(community_id__in=ids)


def open_takeovers_of(actor: Actor, member_ids: Collection[int]) -> dict[tuple[int, int], TakeOver]:
    """The open ones of these members, by (member, community)."""
    rows = takeovers_visible_to(actor).filter(member__in=member_ids, until__isnull=True)
    return {(row.member_id, row.community_id): row for row in rows}


def held_in(talk: TakeOver) -> QuerySet[OutboxRow]:
    """Messages that were held because of this talk, as they were planned. The caller may see the talk."""
    rows = all_rows().filter(
        member_id=talk.member_id,
        community_id=talk.community_id,
        state=OutboxRow.State.SUPPRESSED,
        reason="taken_over",
        finished_at__gte=talk.since,
    )
    return rows.order_by("due_at", "id")
