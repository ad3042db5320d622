"""The pump: gives every subscriber the facts behind its position, in batches.

A batch is handled in the transaction that moves the position, under the row lock of the subscription: a
crash replays it whole, two workers never handle it at once. A fact that cannot be digested is parked.
"""

from datetime import datetime

import structlog
from django.db import connection, transaction

from chaguan.eventlog.contract import Logged, Subscriber, subscribers
from chaguan.eventlog.models import ParkedEvent, Subscription
from chaguan.eventlog.reading import Position, end_of_log, read_after

log = structlog.get_logger(__name__)
TRIES = 3  # of one fact, before it is parked


def pump_all(now: datetime) -> int:
    """Let every subscriber that is behind read one batch; returns how many facts were read in all.

    An idle round is two reads: the end of the log, and all positions.
    """
    end = end_of_log()
    positions = {
        row.name: Position(row.position_xact, row.position)
        for row in Subscription.objects.filter(shard=0)
    }
    behind = [s for s in subscribers() if positions.get(s.name, Position()) < end]
    return sum(pump(subscriber, now) for subscriber in behind)


def pump(subscriber: Subscriber, now: datetime) -> int:
    """Let one subscriber read one batch. Returns the facts read: 0 at the end, or in another's turn."""
    try:
        return _pump_batch(subscriber, now)
    except Exception as error:
        log.warning("batch failed, going one by one", subscriber=subscriber.name, error=repr(error))
        return _pump_singly(subscriber, now)


@transaction.atomic
def _pump_batch(subscriber: Subscriber, now: datetime) -> int:
    turn = _take_turn(subscriber)
    if turn is None:
        return 0
    batch, end = read_after(Position(turn.position_xact, turn.position), subscriber.batch_size)
    if not batch:
        return 0
    if wanted := _wanted(subscriber, batch):
        subscriber.handler(wanted)
    _move(turn, end, now)
    return len(batch)


@transaction.atomic
def _pump_singly(subscriber: Subscriber, now: datetime) -> int:
    """The slow path around a poison fact: each fact in a savepoint of its own."""
    turn = _take_turn(subscriber)
    if turn is None:
        return 0
    batch, end = read_after(Position(turn.position_xact, turn.position), subscriber.batch_size)
    for logged in _wanted(subscriber, batch):
        if error := _try(subscriber, logged):
            ParkedEvent.objects.get_or_create(
                subscription=subscriber.name,
                event_id=logged.id,
                defaults={"error": error, "attempts": TRIES, "parked_at": now},
            )
    if batch:
        _move(turn, end, now)
    return len(batch)


def _try(subscriber: Subscriber, logged: Logged) -> str:
    """Handle one fact; returns the last error after TRIES, or nothing."""
    error = ""
    for _attempt in range(TRIES):
        try:
            with transaction.atomic():
                subscriber.handler([logged])
            return ""
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
    return error


def _take_turn(subscriber: Subscriber) -> Subscription | None:
    """Lock the subscription's row; None while another worker holds it."""
    rows = Subscription.objects.filter(name=subscriber.name, shard=0)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    if turn := rows.first():
        return turn
    if Subscription.objects.filter(name=subscriber.name, shard=0).exists():
        return None
    return Subscription.objects.get_or_create(name=subscriber.name, shard=0)[0]


def _wanted(subscriber: Subscriber, batch: list[Logged]) -> list[Logged]:
    if subscriber.facts is None:
        return batch
    return [logged for logged in batch if logged.name in subscriber.facts]


def _move(turn: Subscription, end: Position, now: datetime) -> None:
    turn.position, turn.position_xact, turn.moved_at = end.id, end.xact, now
    turn.save(update_fields=["position", "position_xact", "moved_at"])
