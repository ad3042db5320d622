"""Live inbound in batches of 100 against bare batched inserts of the same rows.

    python benchmarks/inbound_speed.py [--rows 50000] [--database postgres]

The product's time holds everything a message costs: finding its author, dedupe (one in thirty comes twice),
the message, the fact, the counters, and all subscribers that follow the log.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from common import Stopwatch, arguments, prepare, show
from import_speed import WORDS, show_bare

BATCH = 100


def batches(rows: int) -> Iterator[list[Any]]:
    """A few people talk much, up to 2,000 talk at all; some messages are delivered twice."""
    from chaguan.channels.contract import Record

    chance = random.Random(20260302)  # noqa: S311 -- the same messages in every run
    at = datetime(2026, 3, 1, tzinfo=UTC)
    batch: list[Any] = []
    for number in range(rows):
        at += timedelta(seconds=1)
        key = number if chance.random() > 0.03 else max(0, number - 5)
        text = "".join(chance.choices(WORDS, k=chance.randint(2, 30)))
        person = f"m{min(int(chance.paretovariate(0.9)), 2000)}"
        batch.append(Record(f"live-{key}", at, "message", person, "", text))
        if len(batch) == BATCH:
            yield batch
            batch = []


def catch_up(spent: Stopwatch) -> None:
    """Pump until all subscribers are at the end of the log.

    On PostgreSQL they wait for transactions that still run, of other databases too: that is not counted.
    """
    from chaguan.eventlog.models import LoggedEvent, Subscription
    from chaguan.eventlog.pump import pump_all
    from chaguan.kernel import clock

    while True:
        with spent:
            read = pump_all(clock.now())
        if read:
            continue
        last = LoggedEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
        if set(Subscription.objects.values_list("position", flat=True)) == {last}:
            return
        time.sleep(0.05)


def main() -> None:
    options = arguments(__doc__ or "", rows=50_000).parse_args()
    with prepare(options.database):
        from chaguan.channels.actions.inbound import receive
        from chaguan.communities.testing import make_room
        from chaguan.kernel import clock
        from chaguan.kernel.actor import Actor

        room, actor, now = make_room(), Actor.system("benchmark"), clock.now()
        given = list(batches(options.rows))
        spent = Stopwatch()
        with spent:
            new = sum(receive(actor, room.pk, batch, now).total for batch in given)
        show("inbound, stored and recorded", options.rows / spent.wall, "/s")
        stored_cpu = spent.cpu
        catch_up(spent)
        show("inbound with all subscribers", options.rows / spent.wall, "/s")
        show("delivered twice", options.rows - new, "messages")
        show("processor time of storing", 1000 * stored_cpu, "ms")
        show("processor time of subscribers", 1000 * (spent.cpu - stored_cpu), "ms")
        show_bare("inbound", spent, new, 0.25, batch_rows=BATCH)


if __name__ == "__main__":
    main()
