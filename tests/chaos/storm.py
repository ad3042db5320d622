"""The storm: steps due by the hundred thousand, SIGKILL by the thousand. A program, and `make chaos`.

    python -m tests.chaos.storm --steps 100000 --kills 1000 --workers 2 --folder DIR

Whole workers (pump, clock, sender, jobs) and a web process in which members sign in and the operator looks at
the run are killed at random moments and started again; with `--restart COMMAND` the database is restarted
in between. Afterwards a last worker runs to rest, and what the product believes is compared row by row
with what the channels saw. Prints one JSON object.
"""

import argparse
import contextlib
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
os.environ.setdefault("CHAGUAN_LOG_LEVEL", "CRITICAL")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 -- after setup
from django.core.management import call_command  # noqa: E402 -- after setup
from django.db import OperationalError, connection  # noqa: E402 -- after setup
from django.test import Client  # noqa: E402 -- after setup
from django.urls import reverse  # noqa: E402 -- after setup

from chaguan.communities.models import Membership  # noqa: E402 -- after setup
from chaguan.jobs import worker  # noqa: E402 -- after setup
from chaguan.kernel import clock  # noqa: E402 -- after setup
from chaguan.kernel.actor import Actor  # noqa: E402 -- after setup
from chaguan.outbox.models import OutboxRow  # noqa: E402 -- after setup
from chaguan.playbooks.models import Run, Timer, Wait  # noqa: E402 -- after setup
from chaguan.portal.actions.links import issue_link  # noqa: E402 -- after setup
from tests.chaos.storm_count import compare  # noqa: E402 -- after setup
from tests.chaos.storm_house import NOON, build, open_records  # noqa: E402 -- after setup

SIGNERS = 200  # members who sign in while it storms
WEB_KILLS = 0.1  # share of kills that hit the web process
HOST = "127.0.0.1"


@dataclass
class Storm:
    """What runs, and what has been done to it."""

    folder: Path
    workers: int
    restart: str
    longest_s: float  # between two kills
    children: dict[str, int] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=lambda: {"worker": 0, "web": 0, "database": 0})

    def start(self, name: str) -> None:
        """Fork a child and wait until it is up, so that no kill hits a process that never worked."""
        forget_connection()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            random.seed(os.getpid())
            with contextlib.suppress(BaseException):
                serve_web(self.folder, writing) if name == "web" else work(writing)
            os._exit(1)
        os.close(writing)
        os.read(reading, 1)
        os.close(reading)
        self.children[name] = child

    def kill(self, name: str) -> None:
        """SIGKILL, and nothing polite before it."""
        child = self.children.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def restart_database(self) -> None:
        subprocess.run(shlex.split(self.restart), check=True, capture_output=True)
        self.kills["database"] += 1

    def rage(self, kills: int) -> None:
        """Kill and start again, at random moments."""
        names = [f"worker {n}" for n in range(self.workers)]
        for name in [*names, "web"]:
            self.start(name)
        every = max(1, kills // 12) if self.restart else 0
        for number in range(1, kills + 1):
            time.sleep(0.02 + random.random() * self.longest_s)
            if every and number % every == 0:
                self.restart_database()
            name = "web" if random.random() < WEB_KILLS else random.choice(names)
            self.kill(name)
            self.kills["web" if name == "web" else "worker"] += 1
            self.start(name)
        for name in list(self.children):
            self.kill(name)


def forget_connection() -> None:
    """A child must not share its parent's connections."""
    with contextlib.suppress(Exception):
        connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's wrapper has it


def work(alive: int) -> None:
    """The product's own worker, for ever."""
    with contextlib.suppress(OperationalError):  # the database may be down just now
        connection.ensure_connection()
    os.write(alive, b"!")
    worker.run(threading.Event())


def serve_web(folder: Path, alive: int) -> None:
    """Members sign in over their pages, the operator looks at the board; acknowledged sign-ins are noted."""
    noted = os.open(folder / "signed_in", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    addresses = json.loads((folder / "links").read_text())
    boss = Client(raise_request_exception=False, SERVER_NAME=HOST)
    os.write(alive, b"!")
    for run in Run.objects.all():
        boss.force_login(get_user_model().objects.get(username="boss"))
        boss.get(reverse("console:run", args=[run.pk]))
    left = random.sample(addresses, len(addresses))
    while True:
        left = [address for address in left if not _signs_in(address, noted)]
        time.sleep(0.1)


def _signs_in(address: tuple[int, str, str, str], noted: int) -> bool:
    """She signs in once she is waited for, so that it ends a wait, or when it is getting late."""
    member, link, page, latest = address
    with contextlib.suppress(OperationalError):
        is_late = clock.now() >= datetime.fromisoformat(latest)
        if not (is_late or Wait.objects.filter(member_id=member).exists()):
            return False
        phone = Client(raise_request_exception=False, SERVER_NAME=HOST)
        phone.get(link)
        if phone.post(page).status_code == 302:
            os.write(noted, f"{member}\n".encode())
        time.sleep(0.05)
        return True
    return False


def prepare(steps: int, wait_s: int, folder: Path) -> list[Run]:
    """The database, the two runs, the owner and the links of those who will sign in."""
    call_command("migrate", verbosity=0)
    runs = build(steps, wait_s)
    get_user_model().objects.create_superuser(username="boss")
    latest = (NOON + timedelta(seconds=wait_s * 2 / 3)).isoformat()
    links = []
    for run in runs:
        people = Membership.objects.filter(community=run.community_id).order_by("?")
        for member in people.values_list("member_id", flat=True)[: SIGNERS // 2]:
            link = issue_link(Actor.system("storm"), member, clock.now())
            page = reverse("portal:sign-in", args=[run.community.public_id])
            links.append((member, link[link.index("/m/") :], page, latest))
    (folder / "links").write_text(json.dumps(links))
    return runs


def rest(patience_s: float) -> None:
    """Work in this process until nothing is left: leases run out by themselves, which takes half a minute."""
    end_s = time.monotonic() + patience_s
    open_states = ("planned", "claimed")
    while time.monotonic() < end_s:
        while worker.tick_once():
            pass
        waiting = OutboxRow.objects.filter(state__in=open_states)
        if not waiting.exists() and not Timer.objects.exists():
            return
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--restart", default="", help="command that restarts the database at once")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument(
        "--wait", type=int, default=120, help="seconds that sign-ins are waited for"
    )
    parser.add_argument("--longest", type=float, default=1.0, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    clock_file = options.folder / "clock"
    os.environ["CHAGUAN_CLOCK_FILE"] = str(clock_file)
    clock.move_process_tree(clock_file, to=NOON)
    open_records(options.folder)
    runs = prepare(options.steps, options.wait, options.folder)
    storm = Storm(options.folder, options.workers, options.restart, options.longest)
    began_s = time.monotonic()
    storm.rage(options.kills)
    raged_s = time.monotonic() - began_s
    forget_connection()
    during = OutboxRow.objects.filter(state="sent").count()
    rest(1800)
    told = {"kills": storm.kills, "sent_in_the_storm": during, "storm_s": round(raged_s)}
    print(json.dumps({**told, **compare(runs, options.folder)}))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
