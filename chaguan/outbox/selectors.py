"""Questions about the outbox. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from chaguan.kernel.rowset import ids_in, instant, stored
from chaguan.outbox.models import OutboxRow

State = OutboxRow.State


def rows_of_communities(community_ids: Collection[int] | QuerySet[Any]) -> QuerySet[OutboxRow]:
    """Rows of these communities; the caller has checked who may look."""
    return OutboxRow.objects.filter(community_id__in=community_ids)


def all_rows() -> QuerySet[OutboxRow]:
    """Every row: for the owner of the house and the product itself."""
    return OutboxRow.objects.all()


def needing_attention_first(rows: QuerySet[OutboxRow]) -> QuerySet[OutboxRow]:
    """Order by who must act: unknown, failed, waiting for a person, then by due time."""
    order = [State.UNKNOWN, State.FAILED, State.AWAITING_PERSON]
    rank = Case(
        *[When(state=state, then=Value(place)) for place, state in enumerate(order)],
        default=Value(len(order)),
        output_field=IntegerField(),
    )
    return rows.annotate(rank=rank).order_by("rank", "-due_at", "-id")


def counts_by_state(rows: QuerySet[OutboxRow]) -> dict[str, int]:
    """How many rows are in each state; states without rows are left out."""
    counted = rows.order_by().values("state").annotate(n=Count("id"))
    return {entry["state"]: entry["n"] for entry in counted}


def oldest_due_age(now: datetime) -> timedelta:
    """How long the oldest due row has been waiting; zero when nothing is due."""
    due = OutboxRow.objects.filter(state=State.PLANNED, due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    return now - oldest if oldest else timedelta(0)


def unknown_count() -> int:
    """Rows that may have been sent and wait for a person."""
    return OutboxRow.objects.filter(state=State.UNKNOWN).count()


class Written(NamedTuple):
    """A message to one person that went out, or may have."""

    row_id: int
    member_id: int
    kind: str
    is_urgent: bool
    is_promotion: bool
    claimed_at: datetime


# From the people outwards, whatever the planner thinks of today's flood: their rows are found by the index,
# and the state, which has an index too, is looked at afterwards.
_WRITTEN = """
SELECT r.id, r.member_id, r.kind, r.is_urgent, r.is_promotion, r.claimed_at
FROM ({members}) AS m CROSS JOIN {theirs} AS r
WHERE {joined} AND r.claimed_at >= %s AND r.state || '' IN ('sent', 'claimed', 'unknown')
"""
_THEIRS = {
    "postgresql": (
        "LATERAL (SELECT * FROM outbox_outboxrow AS r WHERE r.member_id = m.unnest OFFSET 0)",
        "true",
    ),
    "sqlite": ("outbox_outboxrow", "r.member_id = m.value"),
}


def written_to(member_ids: Collection[int], since: datetime) -> list[Written]:
    """What went out to these people alone since then. One statement."""
    if not member_ids:
        return []
    members = ids_in(member_ids)
    theirs, joined = _THEIRS[connection.vendor]
    sql = _WRITTEN.format(members=members.sql, theirs=theirs, joined=joined)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*members.params, stored(since)])
        return [
            Written(pk, member, kind, bool(urgent), bool(promotion), instant(at) or since)
            for pk, member, kind, urgent, promotion, at in cursor.fetchall()
        ]
