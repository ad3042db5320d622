"""The condition of communities at one instant, without writing anything."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.types import Phase
from chaguan.insights.columns.opened import Columns
from chaguan.insights.editions import Edition, in_force
from chaguan.insights.health.definition import health_editions
from chaguan.insights.health.judge import Judged, judge
from chaguan.insights.health.measure import Measured, measure
from chaguan.insights.periods import instant_us
from chaguan.kernel.actor import Actor


@dataclass(frozen=True)
class Assessed:
    """One community's numbers and what follows from them."""

    measured: Measured
    judged: Judged


def assess(
    columns: Columns, now: datetime, community_ids: Collection[int] | None = None
) -> tuple[dict[int, Assessed], Edition]:
    """Judge all communities that are not closed, or only some, with the edition in force at `now`.

    A community in which nobody ever spoke counts from the day it was opened.
    """
    edition = in_force(health_editions(), now)
    open_ones = communities_visible_to(Actor.system("health")).exclude(phase=Phase.CLOSED)
    if community_ids is not None:
        open_ones = open_ones.filter(pk__in=list(community_ids))
    begun = {
        pk: opened or created
        for pk, opened, created in open_ones.values_list("pk", "opened_at", "created_at")
    }
    found = measure(columns, now, edition.windows, None if community_ids is None else list(begun))
    at = instant_us(now)
    result = {}
    for pk, since in begun.items():
        numbers = found.get(pk)
        if numbers is None:
            numbers = replace(Measured(pk), first_us=instant_us(since))
        result[pk] = Assessed(numbers, judge(numbers, at, edition.windows))
    return result, edition
