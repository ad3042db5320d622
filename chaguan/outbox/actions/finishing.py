"""Finishing: what came of a call is recorded by the one who holds the claim, and by nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import connection

from chaguan.kernel.rowset import rowset, stored
from chaguan.outbox.models import OutboxRow

State = OutboxRow.State
MAX_ATTEMPTS = 6


@dataclass(frozen=True)
class Outcome:
    """The result of one call. `retry` goes back in line after a pause that grows with each attempt."""

    result: Literal["sent", "failed", "retry", "unknown"]
    external_id: str = ""
    detail: str = ""
    after_s: float | None = None  # the channel's own wish for a retry


def finish(row: OutboxRow, outcome: Outcome, *, now: datetime) -> bool:
    """Record the outcome if `row` still holds its claim. False: somebody else took it over."""
    mine = OutboxRow.objects.filter(pk=row.pk, state=State.CLAIMED, claim=row.claim)
    changes: dict[str, object] = {"detail": outcome.detail, "lease_until": None, "claim": ""}
    if outcome.result == "retry" and row.attempts < MAX_ATTEMPTS:
        pause_s = outcome.after_s if outcome.after_s is not None else 5 * 3 ** (row.attempts - 1)
        changes |= {
            "state": State.PLANNED,
            "reason": "retry",
            "due_at": now + timedelta(seconds=pause_s),
        }
    elif outcome.result == "sent":
        changes |= {"state": State.SENT, "external_id": outcome.external_id, "finished_at": now}
    elif outcome.result == "unknown":
        changes |= {"state": State.UNKNOWN, "reason": "lost_in_call", "finished_at": now}
    else:
        reason = "too_many_attempts" if outcome.result == "retry" else "refused_by_channel"
        changes |= {"state": State.FAILED, "reason": reason, "finished_at": now}
    return bool(mine.update(**changes))


# The state is an expression so that rows are found by their ids and not by all that are claimed.
_SENT = """
UPDATE outbox_outboxrow SET state = 'sent', external_id = v.external_id, detail = '', claim = '',
  lease_until = NULL, finished_at = %s
FROM ({given}) AS v
WHERE outbox_outboxrow.id = v.id AND outbox_outboxrow.state || '' = 'claimed'
  AND outbox_outboxrow.claim = v.claim
RETURNING outbox_outboxrow.id
"""


def finish_sent(sent: Sequence[tuple[OutboxRow, str]], *, now: datetime) -> set[int]:
    """As `finish` for rows that went out, with the channel's ids: the rows that were still ours.

    One statement.
    """
    given, params = rowset(
        {"id": "bigint", "claim": "text", "external_id": "text"},
        [(row.pk, row.claim, external_id) for row, external_id in sent],
    )
    with connection.cursor() as cursor:
        cursor.execute(_SENT.format(given=given), [stored(now), *params])
        return {int(pk) for (pk,) in cursor.fetchall()}
