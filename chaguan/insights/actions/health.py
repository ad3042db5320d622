"""Looking at all communities and keeping what was found."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from chaguan.eventlog.actions import record_many
from chaguan.insights.columns.opened import opened
from chaguan.insights.columns.store import Store
from chaguan.insights.editions import Edition
from chaguan.insights.events import HealthChanged
from chaguan.insights.health.assessing import Assessed, assess
from chaguan.insights.health.judge import Reason
from chaguan.insights.models import CommunityHealth, HealthChange
from chaguan.insights.policies import may_update_health
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require

SOURCE = "insights.health"


def update_health(actor: Actor, *, now: datetime, store: Store | None = None) -> int:
    """Compute the health of all open communities and keep it; returns how many changed their state.

    One pass over the columnar copy, one upsert of all rows, a history row and a fact for each change.
    Running it again at the same instant changes nothing. A row computed later than `now` is left alone.

    Emits: HealthChanged, once for each community whose state changed. Raises: Refused.
    """
    require(may_update_health(actor))
    with opened(store) as columns:
        found, edition = assess(columns, now)
    return _keep(actor, found, edition, now)


@transaction.atomic
def _keep(actor: Actor, found: dict[int, Assessed], edition: Edition, now: datetime) -> int:
    known = _known(now)
    rows, changes = [], []
    for pk, assessed in found.items():
        state, since, computed_at = known.get(pk, ("", now, now))
        if computed_at > now:
            continue
        row = _row(pk, assessed, edition, now)
        row.since = since if state == row.state else now
        rows.append(row)
        if state != row.state:
            changes.append(_change(row, state))
    CommunityHealth.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["community"],
        update_fields=["state", "since", "computed_at", "edition", "reasons", "components"],
    )
    HealthChange.objects.bulk_create(changes, ignore_conflicts=True)
    _tell(actor, changes, now)
    return len(changes)


def _row(pk: int, assessed: Assessed, edition: Edition, now: datetime) -> CommunityHealth:
    return CommunityHealth(
        community_id=pk,
        state=assessed.judged.state.value,
        computed_at=now,
        edition=edition.label,
        reasons=[as_json(reason) for reason in assessed.judged.reasons],
        components=vars(assessed.measured),
    )


def _change(row: CommunityHealth, old: str) -> HealthChange:
    return HealthChange(
        community_id=row.community_id,
        at=row.computed_at,
        old=old,
        new=row.state,
        edition=row.edition,
        reasons=row.reasons,
    )


def _known(now: datetime) -> dict[int, tuple[str, datetime, datetime]]:
    """State, since and computed_at of each community, locked where the database has row locks."""
    rows = CommunityHealth.objects.order_by("community_id")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return {
        pk: (state, since, computed_at)
        for pk, state, since, computed_at in rows.values_list(
            "community_id", "state", "since", "computed_at"
        )
    }


def _tell(actor: Actor, changes: list[HealthChange], now: datetime) -> None:
    record_many(
        [
            (
                HealthChanged(
                    c.community_id,
                    c.old,
                    c.new,
                    c.reasons[0]["code"] if c.reasons else "",
                    c.edition,
                ),
                now,
            )
            for c in changes
        ],
        actor=actor,
        source=SOURCE,
        source_ids=[f"{c.community_id}:{now.isoformat()}" for c in changes],
    )


def as_json(reason: Reason) -> dict[str, Any]:
    """A reason as it is kept."""
    return {"code": reason.code, "numbers": dict(reason.numbers)}
