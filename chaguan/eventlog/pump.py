"""The pump: gives every subscriber the facts behind its position, in batches.

A batch is handled in the transaction that moves the position, under the row lock of the subscription: a
crash replays it whole, two workers never handle it at once. A fact that cannot be digested is parked.
"""

from datetime import datetime

import structlog
from django.db import connection, transaction

from chaguan.eventlog.contract import Logged, Subscriber, subscribers
from chaguan.eventlog.models import ParkedEvent, Subscription
from chaguan.eventlog.reading import Position, end_of_log, read_wanted_after

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
    wanted, end, read = _next(subscriber, turn)
    if not read:
        return 0
    if wanted:
        subscriber.handler(wanted)
    _move(turn, end, now)
    return read


@transaction.atomic
def _pump_singly(subscriber: Subscriber, now: datetime) -> int:
    """The slow path around a poison fact: each fact in a savepoint of its own."""
    turn = _take_turn(subscriber)
    if turn is None:
        return 0
    wanted, end, read = _next(subscriber, turn)
    for logged in wanted:
        if error := _try(subscriber, logged):
            ParkedEvent.objects.get_or_create(
                subscription=subscriber.name,
                event_id=logged.id,
                defaults={"error": error, "attempts": TRIES, "parked_at": now},
            )
    if read:
        _move(turn, end, now)
    return read


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


def _next(subscriber: Subscriber, turn: Subscription) -> tuple[list[Logged], Position, int]:
    """The facts of the next batch that the subscriber wants, where the batch ends, and its rows."""
    begin = Position(turn.position_xact, turn.position)
    return read_wanted_after(begin, subscriber.batch_size, subscriber.facts)


def _move(turn: Subscription, end: Position, now: datetime) -> None:
    turn.position, turn.position_xact, turn.moved_at = end.id, end.xact, now
    turn.save(update_fields=["position", "position_xact", "moved_at"])
