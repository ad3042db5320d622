"""What the storm rages over: two communities in the middle of a playbook, and channels that keep a record.

One channel may get a key twice and delivers it once (`cup`), the other delivers whatever it is handed
(`shout`). Both write a line before they answer: these files are what the outside world saw.
"""

import os
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chaguan.channels.contract import DeliveryError, Limits, Outgoing, connector
from chaguan.channels.models import Account
from chaguan.communities.models import Community, Membership
from chaguan.communities.testing import make_community, make_room
from chaguan.kernel.ids import new_public_id
from chaguan.people.models import Member
from chaguan.playbooks.models import Run
from chaguan.playbooks.testing import make_run, make_step

NOON = datetime(2026, 3, 8, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, far from quiet hours
BEGIN = NOON - timedelta(hours=2)
PEOPLE = {"track": "person", "kind": "touch", "audience": "person", "lateness": "send"}
CHAIN = 18  # messages to everybody
BRANCHES = 1  # and one to those who signed in, or one to those who did not
ROOMS = 40  # messages to the room


class Recording:
    """A channel that appends the key to a file before it answers, and is busy now and then."""

    label = "Recording"
    limits = Limits(per_minute=100_000_000, burst=50_000_000)
    reaches = frozenset({"say", "touch"})
    is_idempotent = False
    file = -1

    def send(self, message: Outgoing) -> str:
        """Write the line; kills find both the time before it and the time after it."""
        if random.random() < 0.01:
            raise DeliveryError("busy", retry=True, after_s=1)
        if random.random() < 0.1:
            time.sleep(random.random() * 0.004)
        os.write(self.file, f"{message.key}\n".encode())
        if random.random() < 0.1:
            time.sleep(random.random() * 0.004)
        return f"r-{message.key}"

    def find(self, message: Outgoing) -> str | None:
        """It cannot look back."""
        return None


@connector("shout")
class Shout(Recording):
    """Delivers whatever it is handed: the same key twice is two messages."""


@connector("cup")
class Cup(Recording):
    """Delivers one key once, however often it is handed over; it also takes many at once."""

    is_idempotent = True

    def send_many(self, messages: Sequence[Outgoing]) -> list[str | DeliveryError]:
        """Write the lines one by one, so that kills find it in the middle."""
        return [self._answer(message) for message in messages]

    def _answer(self, message: Outgoing) -> str | DeliveryError:
        try:
            return self.send(message)
        except DeliveryError as error:
            return error


def open_records(folder: Path) -> None:
    """Where this process and its children write."""
    for channel in (Shout, Cup):
        name = folder / f"{channel.__name__.lower()}.seen"
        channel.file = os.open(name, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)


def build(steps: int, wait_s: int) -> list[Run]:
    """About `steps` steps due at noon, half of them over each channel. Two runs of one edition.

    The waits last `wait_s` from noon on.
    """
    members = max(1, steps // 2 // (CHAIN + BRANCHES))
    wait = {"with": {"fact": "engagement.signed_in", "within": f"{wait_s}s"}, "text": None}
    moments = ", ".join(f"J+{n}m" for n in range(2, 2 + CHAIN))
    document = [
        make_step(offset=f"every 1m H+0…H+{ROOMS - 1}m", lateness="send"),
        make_step(id="P", offset=moments, **PEOPLE),
        make_step(id="W", offset="J+2h", **PEOPLE | {"kind": "wait_for"} | wait),
        make_step(id="YES", offset="T+0m", after="W.act", **PEOPLE),
        make_step(id="NO", offset="T+0m", after="W.timeout", **PEOPLE),
    ]
    runs: list[Run] = []
    for channel in ("shout", "cup"):
        account = Account.objects.create(connector=channel, label=channel, created_at=BEGIN)
        place = make_community(name=channel, settings={"caps": {"contacts_per_day": 1000}})
        make_room(place, connector=channel, account_id=account.pk)
        people(place, members)
        edition = runs[0].edition if runs else None
        runs.append(
            make_run(*document, edition=edition, community=place, now=BEGIN, start_time="10:00")
        )
    return runs


def people(place: Community, count: int) -> None:
    """So many members, in two statements per thousand."""
    rows = [
        Member(
            public_id=new_public_id(),
            name=f"茶友{number}",
            stage_since=BEGIN,
            first_seen_at=BEGIN,
        )
        for number in range(count)
    ]
    made = Member.objects.bulk_create(rows, batch_size=1000)
    Membership.objects.bulk_create(
        [Membership(community=place, member=member, joined_at=BEGIN) for member in made],
        batch_size=1000,
    )
