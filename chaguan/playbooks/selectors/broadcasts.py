"""Broadcasts as screens show them: the list with counts, and each room with what came of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.models import Broadcast, BroadcastTarget


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
        """left_out, or the state of the outbox row."""
        return self.row.state if self.row else "left_out"


def target_lines(actor: Actor, broadcast: Broadcast) -> list[TargetLine]:
    """Every room of the communities the actor may see, by community. Statements: 3."""
    targets = _targets(actor).filter(broadcast=broadcast).select_related("community", "room")
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
    for key, (pk, left_out) in where.items():
        counts[pk]["left_out" if left_out else states.get(key, "planned")] += 1
    return counts


def _targets(actor: Actor) -> QuerySet[BroadcastTarget]:
    mine = communities_visible_to(actor, Right.VIEW_COMMUNITY).values("pk")
    return BroadcastTarget.objects.filter(community__in=mine)
