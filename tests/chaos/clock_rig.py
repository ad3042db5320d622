"""The rig of the playbooks' kill test: run it as a program against a database of its own.

    python -m tests.chaos.clock_rig --kills 60 --members 400 --workers 2

It starts a playbook of both tracks on a community, then forks workers that only run the clock, kills them
with SIGKILL after a random moment, forks the next ones, and at the end runs to rest. Prints one JSON object.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 -- after setup
from django.db import OperationalError, connection  # noqa: E402 -- after setup
from django.db.models import Sum  # noqa: E402 -- after setup

from chaguan.outbox.models import OutboxRow  # noqa: E402 -- after setup
from chaguan.playbooks.engine.dated import advance_rooms  # noqa: E402 -- after setup
from chaguan.playbooks.engine.personal import advance_people  # noqa: E402 -- after setup
from chaguan.playbooks.models import Enrolment, Occurrence, Outcome, Tally, Timer  # noqa: E402 -- after setup
from chaguan.playbooks.testing import MONDAY, make_run, make_step  # noqa: E402 -- after setup
from chaguan.playbooks.tests.places import make_place  # noqa: E402 -- after setup

PEOPLE = {"track": "person", "kind": "touch", "audience": "person"}
END = MONDAY + timedelta(days=4)
CHAIN = 24  # personal moments of everybody: 8 on each of three days
ROOMS = 46  # moments of the room


def build(members: int) -> None:
    place = make_place(members=members)
    hours = range(11, 19)
    wait = {"with": {"fact": "people.product_used", "within": "2h"}, "text": None}
    make_run(
        make_step(offset="every 20m H+0…H+15"),
        make_step(id="P", offset=", ".join(f"P1–P3 {h:02}:00" for h in hours), lateness="send", **PEOPLE),
        make_step(id="W", offset="P1 10:30", track="person", kind="wait_for", lateness="send", **wait),
        make_step(id="NO", offset="T+1h", after="W.timeout", lateness="send", **PEOPLE),
        community=place,
        now=MONDAY - timedelta(hours=1),
    )  # fmt: skip


def work(until_rest: bool) -> None:
    """Advance in small batches, so that kills find many borders between transactions."""
    now = MONDAY - timedelta(hours=1)
    while now < END:
        with contextlib.suppress(OperationalError):  # a busy database: try again
            while advance_rooms(now, limit=3) + advance_people(now, limit=40):
                if not until_rest:
                    time.sleep(random.random() * 0.002)
        now += timedelta(minutes=10)


def kill_and_restart(kills: int, workers: int) -> None:
    for _ in range(kills):
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's wrapper has it
        children = []
        for _worker in range(workers):
            child = os.fork()
            if child == 0:
                with contextlib.suppress(BaseException):
                    work(until_rest=False)
                os._exit(1)
            children.append(child)
        time.sleep(0.02 + random.random() * 0.25)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def count(members: int) -> dict[str, int]:
    people = members * (CHAIN + 1)
    return {
        "rows": OutboxRow.objects.count(),
        "expected_rows": people + ROOMS,
        "due": Tally.objects.aggregate(n=Sum("due"))["n"] or 0,
        "expected_due": members * (CHAIN + 2),
        "timed_out": Outcome.objects.count(),
        "waiting": Timer.objects.count(),
        "open_steps": Occurrence.objects.exclude(state__in=["done", "late"]).count(),
        "late_steps": Occurrence.objects.filter(state="late").count(),
        "unfinished": Enrolment.objects.exclude(state=Enrolment.State.DONE).count(),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--members", type=int, default=400)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    call_command("migrate", verbosity=0)
    build(options.members)
    kill_and_restart(options.kills, options.workers)
    during = OutboxRow.objects.count()
    work(until_rest=True)
    print(json.dumps({"rows_while_killing": during, **count(options.members)}))


if __name__ == "__main__":
    main()
