"""What a person does about readers: retry a parked fact, dismiss it, replay from an old position.

Who may do that is decided above, by the apps that know roles; these functions only record who did.
"""

from datetime import datetime

from django.db import connection, transaction

from chaguan.eventlog.contract import Subscriber, subscribers
from chaguan.eventlog.models import LoggedEvent, ParkedEvent, Subscription
from chaguan.eventlog.selectors import as_logged
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing, UnknownCode


def retry(actor: Actor, parked_id: int, *, now: datetime) -> bool:
    """Give the fact to its subscriber again. Returns whether it went well; else the new error is kept."""
    parked = ParkedEvent.objects.select_related("event").filter(pk=parked_id).first()
    if parked is None or parked.state != ParkedEvent.State.PARKED:
        raise Missing
    subscriber = _named(parked.subscription)
    parked.attempts += 1
    try:
        with transaction.atomic():
            subscriber.handler([as_logged(parked.event)])
    except Exception as error:  # the error is the answer, shown to the person
        parked.error = f"{type(error).__name__}: {error}"
        parked.save(update_fields=["attempts", "error"])
        return False
    _decide(parked, ParkedEvent.State.RETRIED, actor, now)
    return True


def dismiss(actor: Actor, parked_id: int, *, now: datetime) -> None:
    """Leave the fact undigested for good. The row stays as the record of that."""
    parked = ParkedEvent.objects.filter(pk=parked_id, state=ParkedEvent.State.PARKED).first()
    if parked is None:
        raise Missing
    _decide(parked, ParkedEvent.State.DISMISSED, actor, now)


def replay(actor: Actor, subscriber_name: str, *, since_id: int, now: datetime) -> int:
    """Set a subscriber back so that it reads again from the fact `since_id` on. Returns facts to read."""
    _named(subscriber_name)
    with transaction.atomic():
        Subscription.objects.update_or_create(
            name=subscriber_name,
            shard=0,
            defaults={"position": since_id - 1, "position_xact": _xact_of(since_id)},
        )
    return LoggedEvent.objects.filter(pk__gte=since_id).count()


def _xact_of(event_id: int) -> int:
    """On PostgreSQL the commit order of the first fact from `event_id` on; 0 elsewhere."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(xact) FROM eventlog_event WHERE id >= %s", [event_id])
        return int(cursor.fetchone()[0] or 0)


def _named(name: str) -> Subscriber:
    for subscriber in subscribers():
        if subscriber.name == name:
            return subscriber
    raise UnknownCode(f"There is no subscriber {name!r}.")


def _decide(parked: ParkedEvent, state: str, actor: Actor, now: datetime) -> None:
    parked.state, parked.decided_by, parked.decided_at = state, actor.reference, now
    parked.save(update_fields=["state", "decided_by", "decided_at", "attempts"])
