"""For tests: what was recorded so far, and running all readers to the end."""

from chaguan.eventlog.contract import Event
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.pump import pump_all
from chaguan.eventlog.selectors import as_logged
from chaguan.kernel import clock


def recorded(*names: str) -> list[Event]:
    """The facts in the log, oldest first; only those with one of `names` when given."""
    rows = LoggedEvent.objects.order_by("id")
    if names:
        rows = rows.filter(name__in=names)
    return [as_logged(row).fact() for row in rows]


def drain(limit: int = 100) -> int:
    """Pump until every subscriber is at the end; returns the facts read. Stops after `limit` rounds."""
    total = 0
    for _round in range(limit):
        read = pump_all(clock.now())
        if not read:
            return total
        total += read
    raise AssertionError("the log does not come to rest: subscribers keep answering each other")
