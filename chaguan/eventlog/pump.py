"""The pump: gives every subscriber the facts behind its position, in batches.

A batch is handled in the transaction that moves the position, under the row lock of the subscription: a
crash replays it whole, two workers never handle it at once. A fact that cannot be digested is parked.

Subscribers at the same place share what was read, and those that want nothing of it pass by together.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import connection, transaction

from chaguan.eventlog.contract import Logged, Subscriber, subscribers
from chaguan.eventlog.models import ParkedEvent, Subscription
from chaguan.eventlog.reading import Position, Window, Windows, end_of_log

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
    windows, read = Windows(), 0
    passing: dict[Window, list[str]] = defaultdict(list)
    for subscriber in subscribers():
        begin = positions.get(subscriber.name)
        if begin is None:
            read += pump(subscriber, now, windows) if end > Position() else 0
        elif begin < end:
            window = windows.after(begin, subscriber.batch_size)
            if window.has(subscriber.facts):
                read += pump(subscriber, now, windows)
            else:
                passing[window].append(subscriber.name)
    return read + sum(_pass_by(window, names, now) for window, names in passing.items())


def pump(subscriber: Subscriber, now: datetime, windows: Windows | None = None) -> int:
    """Let one subscriber read one batch. Returns the facts read: 0 at the end, or in another's turn."""
    windows = windows or Windows()
    try:
        return _pump_batch(subscriber, now, windows)
    except Exception as error:
        log.warning("batch failed, going one by one", subscriber=subscriber.name, error=repr(error))
        return _pump_singly(subscriber, now, windows)


@transaction.atomic
def _pump_batch(subscriber: Subscriber, now: datetime, windows: Windows) -> int:
    turn = _take_turn(subscriber)
    if turn is None:
        return 0
    window = windows.after(_position(turn), subscriber.batch_size)
    if not window.facts:
        return 0
    if wanted := window.wanted(subscriber.facts):
        subscriber.handler(wanted)
    _move(turn, window.end, now)
    return len(window.facts)


@transaction.atomic
def _pump_singly(subscriber: Subscriber, now: datetime, windows: Windows) -> int:
    """The slow path around a poison fact: each fact in a savepoint of its own."""
    turn = _take_turn(subscriber)
    if turn is None:
        return 0
    window = windows.after(_position(turn), subscriber.batch_size)
    for logged in window.wanted(subscriber.facts):
        if error := _try(subscriber, logged):
            ParkedEvent.objects.get_or_create(
                subscription=subscriber.name,
                event_id=logged.id,
                defaults={"error": error, "attempts": TRIES, "parked_at": now},
            )
    if window.facts:
        _move(turn, window.end, now)
    return len(window.facts)


@transaction.atomic
def _pass_by(window: Window, names: Sequence[str], now: datetime) -> int:
    """Move subscribers that want nothing of the window behind it, all at once.

    Only those that still stand at its beginning and are in nobody's turn: the others go next round.
    """
    begin, end = window.begin, window.end
    rows = Subscription.objects.filter(
        name__in=names, shard=0, position=begin.id, position_xact=begin.xact
    )
    if connection.features.has_select_for_update_skip_locked:
        ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
        rows = Subscription.objects.filter(pk__in=ids)
    moved = rows.update(position=end.id, position_xact=end.xact, moved_at=now)
    return moved * len(window.facts)


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


def _position(turn: Subscription) -> Position:
    return Position(turn.position_xact, turn.position)


def _move(turn: Subscription, end: Position, now: datetime) -> None:
    Subscription.objects.filter(pk=turn.pk).update(
        position=end.id, position_xact=end.xact, moved_at=now
    )
