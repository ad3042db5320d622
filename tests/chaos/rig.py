"""The rig of the kill tests: run it as a program against a database of its own.

    python -m tests.chaos.rig --kills 200 --facts 3000 --record FILE

It forks a worker (pump and sender), kills it with SIGKILL after a random moment, forks the next one, and so
on; at the end a last worker runs to rest an hour later. The recording channel is not idempotent and cannot
look back: it appends one line to a file before it answers, so the file is what the outside world saw.
Prints one JSON object.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 -- after setup
from django.db import connection  # noqa: E402 -- after setup

from chaguan.channels import sender  # noqa: E402 -- after setup
from chaguan.channels.contract import DeliveryError, Limits, Outgoing, connector  # noqa: E402 -- after setup
from chaguan.channels.models import Account  # noqa: E402 -- after setup
from chaguan.eventlog.actions import record_many  # noqa: E402 -- after setup
from chaguan.eventlog.contract import Batch, Event, subscribe, subscribers  # noqa: E402 -- after setup
from chaguan.eventlog.pump import pump  # noqa: E402 -- after setup
from chaguan.kernel import clock  # noqa: E402 -- after setup
from chaguan.kernel.actor import Actor  # noqa: E402 -- after setup
from chaguan.outbox.actions import plan  # noqa: E402 -- after setup
from chaguan.outbox.contract import Intent  # noqa: E402 -- after setup
from chaguan.outbox.models import OutboxRow  # noqa: E402 -- after setup

START = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
RIG = Actor.system("rig")


@dataclass(frozen=True)
class CupOrdered(Event):
    """Somebody ordered a cup: the rig answers each with one message."""

    name: ClassVar[str] = "chaos.cup_ordered"

    number: int


@subscribe("chaos.waiter", CupOrdered, batch_size=50)
def waiter(batch: Batch) -> None:
    """Plan one message per order."""
    account = Account.objects.get(connector="recorder")
    plan(
        [
            Intent(
                key=f"cup:{logged.data['number']}",
                kind="say",
                connector="recorder",
                account_id=account.pk,
                due_at=START,
                payload={"text": f"{logged.data['number']} 号茶好了"},
            )
            for logged in batch
        ],
        actor=RIG,
        now=START,
    )


@connector("recorder")
class Recorder:
    """Writes one line per call and then answers; sometimes it is busy, before it writes."""

    label = "Recorder"
    limits = Limits(per_minute=10_000_000, burst=5_000_000)
    is_idempotent = False
    reaches = frozenset({"say"})
    file = -1

    def send(self, message: Outgoing) -> str:
        if random.random() < 0.02:
            raise DeliveryError("busy", retry=True, after_s=1)
        if random.random() < 0.3:
            time.sleep(random.random() * 0.004)  # the call takes a while, so kills hit it
        os.write(self.file, f"{message.key}\n".encode())
        time.sleep(random.random() * 0.002)  # the answer takes a while too
        return f"r-{message.key}"

    def find(self, message: Outgoing) -> str | None:
        return None


def work(until_rest: bool, alive: int = -1) -> None:
    """Pump and send for ever, or until nothing is left to do. Says on `alive` when it is up."""
    [reader] = [s for s in subscribers() if s.name == "chaos.waiter"]
    connection.ensure_connection()
    if alive >= 0:
        os.write(alive, b"!")
    while True:
        did = pump(reader, clock.now()) + sender.tick(clock.now())
        if not did and until_rest:
            return


def kill_and_restart(kills: int, clock_file: Path) -> None:
    """Fork a worker, let it work a random while, SIGKILL it; time runs 60 times as fast.

    The while begins when the worker is up, so that a busy machine does not kill workers that never worked.
    """
    for _ in range(kills):
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's wrapper has it
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                work(until_rest=False, alive=writing)
            os._exit(1)
        os.read(reading, 1)
        os.close(reading)
        os.close(writing)
        time.sleep(0.01 + random.random() * 0.3)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def count(record: Path, facts: int) -> dict[str, int]:
    """Compare what we believe with what the outside world saw."""
    seen = Counter(record.read_text().split())
    rows = dict(OutboxRow.objects.values_list("key", "state"))
    unknown = [key for key, state in rows.items() if state == "unknown"]
    return {
        "facts": facts,
        "rows": len(rows),
        "sent": sum(state == "sent" for state in rows.values()),
        "unknown": len(unknown),
        "unknown_that_arrived": sum(key in seen for key in unknown),
        "open": sum(state in ("planned", "claimed") for state in rows.values()),
        "double": sum(times > 1 for times in seen.values()),
        "sent_but_not_seen": sum(s == "sent" and k not in seen for k, s in rows.items()),
        "lost": facts - sum(state in ("sent", "unknown") for state in rows.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--facts", type=int, default=3000)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    call_command("migrate", verbosity=0)
    clock_file = options.record.with_suffix(".clock")
    clock.move_process_tree(clock_file, to=START, speed=60)
    os.environ["CHAGUAN_CLOCK_FILE"] = str(clock_file)
    Recorder.file = os.open(options.record, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    Account.objects.get_or_create(connector="recorder", label="rig", defaults={"created_at": START})
    orders = [(CupOrdered(n), START) for n in range(options.facts)]
    record_many(orders, actor=RIG, source="rig", source_ids=[str(n) for n in range(options.facts)])
    kill_and_restart(options.kills, clock_file)
    during = OutboxRow.objects.filter(state="sent").count()
    clock.move_process_tree(clock_file, to=clock.now() + timedelta(hours=1), speed=600)
    for _round in range(3):
        work(until_rest=True)
        time.sleep(0.1)
    result = count(options.record, options.facts)
    print(json.dumps({"kills": options.kills, "sent_while_killing": during, **result}))


if __name__ == "__main__":
    main()
