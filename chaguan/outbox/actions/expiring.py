"""The end of a message (`expires_at`): after it nothing goes out unless a person says so again."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from chaguan.outbox.models import OutboxRow

State = OutboxRow.State
TOO_LATE = "too_late"  # reason of an expired row; permanent
BATCH = 1000


def put_off(row: OutboxRow, until: datetime, now: datetime) -> None:
    """A guard holds `row` until a later instant. Changes the row in memory only.

    What goes by itself takes its end along: quiet hours and caps are no delay of ours. A message that a
    person let go keeps its end, because she agreed to it for now; held beyond it, it is over at once.
    """
    if row.expires_at is not None and row.decided_by and until >= row.expires_at:
        row.state, row.reason, row.finished_at = State.EXPIRED, TOO_LATE, now
        return
    if row.expires_at is not None and not row.decided_by:
        row.expires_at += until - row.due_at
    row.due_at = until


@transaction.atomic
def expire_waiting(now: datetime, *, limit: int = BATCH) -> list[OutboxRow]:
    """End messages that waited for a person past their end; returns them. One statement when none did.

    A row that somebody decides about at this moment is left to her.
    """
    rows = OutboxRow.objects.filter(state=State.AWAITING_PERSON, expires_at__lte=now)
    rows = rows.order_by("expires_at")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    over = list(rows[:limit])
    if over:
        OutboxRow.objects.filter(pk__in=[row.pk for row in over]).update(
            state=State.EXPIRED, reason=TOO_LATE, finished_at=now
        )
    return over


def in_time(now: datetime) -> Q:
    """Rows whose end has not come."""
    return Q(expires_at=None) | Q(expires_at__gt=now)


def over(now: datetime) -> Q:
    """Rows that expired, or would as soon as the worker looks."""
    return Q(state=State.EXPIRED) | Q(state=State.AWAITING_PERSON, expires_at__lte=now)
