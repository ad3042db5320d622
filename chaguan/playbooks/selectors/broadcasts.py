"""Broadcasts as screens show them: the list with counts, and each room with what came of it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.selectors.staff import logins_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.broadcasting import text_for
from chaguan.playbooks.models import Broadcast, BroadcastTarget

UNPLANNED = {  # states of the outbox for rooms that nothing is planned for, by state of the broadcast
    Broadcast.State.WAITING.value: "planned",
    Broadcast.State.REFUSED.value: "cancelled",
    Broadcast.State.EXPIRED.value: "expired",
    Broadcast.State.APPROVED.value: "planned",
    Broadcast.State.FREE.value: "planned",
    Broadcast.State.UNASKED.value: "planned",
}


def broadcasts_visible_to(actor: Actor) -> QuerySet[Broadcast]:
    """Broadcasts that concern a community the actor may see, newest first."""
    here = _targets(actor).filter(broadcast=OuterRef("pk"))
    return Broadcast.objects.filter(Exists(here)).order_by("-pk")


@dataclass(frozen=True)
class TargetLine:
    """One room (or a community that was left out) and its outbox row."""

    target: BroadcastTarget
    row: OutboxRow | None

    @property
    def state(self) -> str:
        """left_out, the state of the outbox row, or (not planned yet) that of the question."""
        if self.row is not None:
            return self.row.state
        if self.target.left_out:
            return "left_out"
        return "cancelled" if self.broadcast.cancelled_at else UNPLANNED[self.broadcast.state]

    @property
    def broadcast(self) -> Broadcast:
        return self.target.broadcast


def target_lines(actor: Actor, broadcast: Broadcast) -> list[TargetLine]:
    """Every room of the communities the actor may see, by community. Statements: 3."""
    targets = (
        _targets(actor).filter(broadcast=broadcast).select_related("broadcast", "community", "room")
    )
    listed = list(targets.order_by("community__name", "pk"))
    keys = [target.key for target in listed if not target.left_out]
    rows = {row.key: row for row in all_rows().filter(key__in=keys)}
    return [TargetLine(target, rows.get(target.key)) for target in listed]


def counts_of(actor: Actor, broadcasts: Sequence[Broadcast]) -> Mapping[int, Counter[str]]:
    """How many rooms of each broadcast are in which state. Statements: 2."""
    targets = _targets(actor).filter(broadcast__in=[row.pk for row in broadcasts])
    where = {key: (pk, out) for key, pk, out in targets.values_list("key", "broadcast", "left_out")}
    states = dict(all_rows().filter(key__in=list(where)).values_list("key", "state"))
    counts: dict[int, Counter[str]] = {row.pk: Counter() for row in broadcasts}
    unplanned = {
        row.pk: "cancelled" if row.cancelled_at else UNPLANNED[row.state] for row in broadcasts
    }
    for key, (pk, left_out) in where.items():
        counts[pk]["left_out" if left_out else states.get(key, unplanned[pk])] += 1
    return counts


def second_people(actor: Actor, community_ids: Collection[int]) -> list[str]:
    """Colleagues who may say yes to what the actor wants to promote there, by name. Two statements."""
    holders = logins_with(Right.RUN_PLAYBOOKS, community_ids)
    return [name for pk, name in holders if pk != actor.user_id]


def hearing_communities(broadcast: Broadcast) -> set[int]:
    """The communities that would hear it. One statement."""
    heard = BroadcastTarget.objects.filter(broadcast=broadcast, left_out="")
    return set(heard.values_list("community_id", flat=True))


def may_decide_broadcast(actor: Actor, broadcast: Broadcast) -> bool:
    """Whether the actor holds the right in every community that would hear it; the author is told apart."""
    ids = community_ids_with(actor, Right.RUN_PLAYBOOKS)
    return ids is None or (bool(ids) and hearing_communities(broadcast) <= ids)


def broadcasts_to_decide(actor: Actor, now: datetime) -> QuerySet[Broadcast]:
    """What colleagues want to promote and this actor may let go, the most urgent first."""
    rows = Broadcast.objects.filter(
        state=Broadcast.State.WAITING, cancelled_at__isnull=True, answer_by__gt=now
    ).exclude(by=actor.reference)
    mine = communities_visible_to(actor, Right.RUN_PLAYBOOKS).values("pk")
    heard = BroadcastTarget.objects.filter(broadcast=OuterRef("pk"), left_out="")
    rows = rows.filter(Exists(heard), ~Exists(heard.exclude(community__in=mine)))
    return rows.order_by("answer_by", "pk")


def as_heard(broadcasts: Sequence[Broadcast]) -> list[tuple[Broadcast, str, str]]:
    """Each with the first community that would hear it, and its text there. At most one statement."""
    if not broadcasts:
        return []
    heard = BroadcastTarget.objects.filter(broadcast__in=broadcasts, left_out="")
    first: dict[int, BroadcastTarget] = {}
    for target in heard.select_related("community").order_by("pk"):
        first.setdefault(target.broadcast_id, target)
    found = []
    for row in broadcasts:
        community = first[row.pk].community if row.pk in first else None
        text = text_for(row.text, community, row.due_at) if community is not None else row.text
        found.append((row, community.name if community is not None else "", text))
    return found


def _targets(actor: Actor) -> QuerySet[BroadcastTarget]:
    mine = communities_visible_to(actor, Right.VIEW_COMMUNITY).values("pk")
    return BroadcastTarget.objects.filter(community__in=mine)
