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

from common import arguments, prepare, show, show_ratio
from import_speed import WORDS, bare_inserts

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


def main() -> None:
    options = arguments(__doc__ or "", rows=50_000).parse_args()
    with prepare(options.database):
        from chaguan.channels.actions.inbound import receive
        from chaguan.communities.testing import make_room
        from chaguan.eventlog.pump import pump_all
        from chaguan.kernel import clock
        from chaguan.kernel.actor import Actor

        room, actor, now = make_room(), Actor.system("benchmark"), clock.now()
        given = list(batches(options.rows))
        started = time.perf_counter()
        new = sum(receive(actor, room.pk, batch, now).total for batch in given)
        received = time.perf_counter() - started
        while pump_all(clock.now()):
            pass
        spent = time.perf_counter() - started
        show("inbound, stored and recorded", options.rows / received, "/s")
        show("inbound with all subscribers", options.rows / spent, "/s")
        show("delivered twice", options.rows - new, "messages")
        _count, bare_spent = bare_inserts(("channels_message", "eventlog_event"), batch_rows=BATCH)
        bare = new / bare_spent
        show("bare batched inserts", bare, "/s")
        show_ratio("inbound with subscribers / bare", options.rows / spent, bare, 0.25)


if __name__ == "__main__":
    main()
