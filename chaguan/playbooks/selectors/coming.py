"""Steps of rooms that are still to come: what the running playbooks will do next, across communities."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.models import Occurrence, Step
from chaguan.playbooks.types import RunState, StepState


@dataclass(frozen=True)
class StepToCome:
    """One dated step that has not come yet."""

    due_at: datetime
    step: Step
    run_id: int
    community: str


def steps_to_come(
    actor: Actor, since: datetime, until: datetime, *, besides: Collection[int] = (), limit: int = 8
) -> list[StepToCome]:
    """The next dated steps of running runs the actor may run, without the occurrences `besides`. One query.

    What waits for a feature that is not there yet does not come.
    """
    rows = Occurrence.objects.filter(
        state=StepState.WAITING,
        due_at__gte=since,
        due_at__lt=until,
        run__state=RunState.RUNNING,
        step__needs="",
    )
    ids = community_ids_with(actor, Right.RUN_PLAYBOOKS)
    if ids is not None:
        rows = rows.filter(run__community_id__in=ids)
    found = rows.exclude(pk__in=list(besides)).select_related("run__community")
    return [
        StepToCome(row.due_at, known_step(row.step_id).row, row.run_id, row.run.community.name)
        for row in found.order_by("due_at", "id")[:limit]
    ]
