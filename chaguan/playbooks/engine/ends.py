"""The tick that ends prepared messages nobody decided about in time, and closes their lines."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from chaguan.jobs.contract import tickers
from chaguan.kernel.actor import Actor
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.holds import approval_keys
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.types import AssignmentState

CLOCK = Actor.system("clock")


@tickers.add("playbooks.ends")
def end_what_waited(now: datetime) -> int:
    """End prepared messages past their end, and close their lines; returns how many messages.

    Statements: one when nothing is over, else four for each thousand.
    """
    if not outbox.anything_over(now):
        return 0
    with transaction.atomic():
        over = outbox.expire_waiting(now)
        _close_lines(over, now)
    return len(over)


def _close_lines(rows: Iterable[OutboxRow], now: datetime) -> None:
    keys = {key for row in rows for key in approval_keys(row)}
    Assignment.objects.filter(outbox_key__in=keys, state=AssignmentState.OPEN).update(
        state=AssignmentState.EXPIRED, done_at=now, done_by=CLOCK.reference
    )
