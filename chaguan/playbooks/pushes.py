"""Guard of the outbox for recurrent promotions (循环推送): only in commerce, and not while people are tired."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chaguan.communities.selectors.audiences import settings_of
from chaguan.communities.selectors.plans import PUSH_GUARD, PUSHES, check_pushes
from chaguan.kernel.remembering import remembered
from chaguan.outbox.contract import Hold, OutboxRow, guards
from chaguan.playbooks.models import PushRest
from chaguan.playbooks.push_rows import belongs_to_pushing_plan, is_push


@guards.add("playbooks.pushes")
def is_out_of_place(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """A push ends where the community takes none (any more), or while its pushes rest. Two statements.

    Who releases a held one by hand lets it pass a rest, never into a community that takes no pushes.
    """
    mine = [row for row in rows if row.community_id is not None and is_push(row)]
    if not mine:
        return []
    ids = {row.community_id for row in mine if row.community_id is not None}
    places, resting = _places(ids), _resting(ids)
    holds = []
    for row in mine:
        delivers = str(places.get(row.community_id or 0, {}).get("content_kind", ""))
        if belongs_to_pushing_plan(row) and not check_pushes(delivers, {PUSHES: 2}):
            holds.append(Hold(row.pk, PUSH_GUARD))
        elif row.community_id in resting and not (row.is_urgent and row.decided_by):
            holds.append(Hold(row.pk, "push_rest"))
    return holds


@remembered
def _places(ids: set[int]) -> dict[int, dict[str, Any]]:
    return settings_of(ids)


@remembered
def _resting(ids: set[int]) -> set[int]:
    rows = PushRest.objects.filter(community__in=ids, ended_at__isnull=True)
    return set(rows.values_list("community_id", flat=True))
