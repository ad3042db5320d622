"""The end of a message (`expires_at`): after it nothing goes out unless a person says so again."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from chaguan.kernel.rowset import stored
from chaguan.outbox.models import OutboxRow

State = OutboxRow.State
TOO_LATE = "too_late"  # reason of an expired row; permanent
BATCH = 1000
OF_ITS_HOUR = timedelta(
    hours=5
)  # a message whose end is nearer to its planning belongs to that hour


def put_off(row: OutboxRow, until: datetime, now: datetime) -> None:
    """A guard holds `row` until a later instant. Changes the row in memory only.

    Its end goes along: quiet hours and caps are no delay of ours. A message that a person let go and whose
    end is near its hour ("tonight at eight") does not: she agreed to it for then; held beyond it, it is over.
    """
    if row.expires_at is not None:
        is_of_its_hour = row.expires_at - row.created_at < OF_ITS_HOUR
        if row.decided_by and is_of_its_hour and until >= row.expires_at:
            row.state, row.reason, row.finished_at = State.EXPIRED, TOO_LATE, now
            return
        row.expires_at += until - row.due_at
    row.due_at = until


_OVER = """
SELECT {columns} FROM outbox_outboxrow {index} WHERE state = 'awaiting_person' AND expires_at <= %s
"""


def _over(columns: str) -> str:
    """SQLite has to be told the index: by itself it reads everything that waits."""
    index = "" if connection.vendor == "postgresql" else "INDEXED BY outbox_waiting_end"
    return _OVER.format(columns=columns, index=index)


def anything_over(now: datetime) -> bool:
    """Whether a message waits for a person past its end. One statement, by its own index."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_over('1')} LIMIT 1", [stored(now)])
        return cursor.fetchone() is not None


def expire_waiting(now: datetime, *, limit: int = BATCH) -> list[OutboxRow]:
    """End messages that waited for a person past their end; returns them. The caller opened a transaction.

    A row that somebody decides about at this moment is left to her. Two statements.
    """
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    sql = f"{_over('*')} ORDER BY expires_at LIMIT %s{lock}"
    rows = list(OutboxRow.objects.raw(sql, [stored(now), limit]))
    OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.EXPIRED, reason=TOO_LATE, finished_at=now
    )
    return rows


def in_time(now: datetime) -> Q:
    """Rows whose end has not come."""
    return Q(expires_at=None) | Q(expires_at__gt=now)


def over(now: datetime) -> Q:
    """Rows that expired, or would as soon as the worker looks."""
    return Q(state=State.EXPIRED) | Q(state=State.AWAITING_PERSON, expires_at__lte=now)
