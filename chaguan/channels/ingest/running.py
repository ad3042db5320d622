"""The loop of an import: read, tidy, store batch by batch, and remember how far it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from chaguan.channels.contract import BadLine, Item, Record, Skipped
from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest.storing import Channel, Place, Stored, store
from chaguan.channels.ingest.tidying import tidy
from chaguan.channels.models import ImportRun
from chaguan.kernel.actor import Actor

BATCH = 4000
KEPT_PROBLEMS = 200
_PLURALS = {
    "message": "messages",
    "join": "joins",
    "leave": "leaves",
    "kick": "kicks",
    "rename": "renames",
}

PlaceOf = Callable[[str], Place]
Report = Callable[[int, int], None]
"""Called after each commit with the bytes read and the records done."""


class MovedOn(Exception):
    """Another process carries this import on; this one stops without writing."""


@dataclass
class Tally:
    """The figures of a run so far, as ImportRun keeps them."""

    items: int = 0
    counts: dict[str, Any] = field(default_factory=dict)
    problems: list[list[Any]] = field(default_factory=list)
    first_at: datetime | None = None
    last_at: datetime | None = None

    @classmethod
    def of(cls, run: ImportRun) -> "Tally":
        return cls(
            run.records_done, dict(run.counts), list(run.problems), run.first_at, run.last_at
        )

    def add(self, key: str, amount: int = 1) -> None:
        if amount:
            self.counts[key] = self.counts.get(key, 0) + amount

    def note_problem(self, bad: BadLine) -> None:
        self.add("repaired" if bad.is_kept else "bad")
        if len(self.problems) < KEPT_PROBLEMS:
            sample = bad.sample.replace("\0", "").encode("utf-8", "replace").decode()[:160]
            self.problems.append([bad.line, bad.reason, sample])

    def note_skipped(self, skipped: Skipped) -> None:
        self.add("skipped")
        reasons = dict(self.counts.get("skipped_by_reason", {}))
        reasons[skipped.reason] = reasons.get(skipped.reason, 0) + 1
        self.counts["skipped_by_reason"] = reasons

    def note_stored(self, stored: Stored) -> None:
        self.add("duplicates", stored.duplicates)
        for kind, amount in stored.new.items():
            self.add(_PLURALS[kind], amount)

    def widen(self, at: datetime) -> None:
        if self.first_at is None or at < self.first_at:
            self.first_at = at
        if self.last_at is None or at > self.last_at:
            self.last_at = at


@dataclass
class Ingest:
    """One import on its way: where its records go and what was counted."""

    actor: Actor
    channel: Channel
    place_of: PlaceOf
    now: datetime
    tally: Tally
    people: set[int] = field(default_factory=set)
    _broken: Unreadable | None = None

    def run(
        self, run_id: int, items: Iterator[Item], bytes_read: Callable[[], int]
    ) -> Iterator[int]:
        """Store all items; yields the bytes read after each commit. What was done before is passed over.

        Each batch is one transaction together with the run's own figures, so a killed import goes on
        exactly behind its last batch, and the figures are right whatever happened in between.
        """
        for item in islice(items, self.tally.items):
            self._know(item)
        while batch := self._next_batch(items):
            self._commit(run_id, batch, bytes_read())
            yield bytes_read()
        if self._broken is not None:
            raise self._broken

    def _next_batch(self, items: Iterator[Item]) -> list[Item]:
        """Up to BATCH items. Where the file breaks, what came before is stored first."""
        batch: list[Item] = []
        if self._broken is None:
            try:
                for item in islice(items, BATCH):
                    batch.append(item)  # one by one: an error midway must leave the first ones
            except Unreadable as broken:
                self._broken = broken
        return batch

    def _know(self, item: Item) -> None:
        if isinstance(item, Record):
            self.people.add(hash(item.person))

    def _commit(self, run_id: int, batch: list[Item], bytes_done: int) -> None:
        before = self.tally.items
        with transaction.atomic():
            self.tally.note_stored(store(self.actor, self.channel, self._sorted_out(batch)))
            self.tally.items += len(batch)
            self.tally.counts["members"] = len(self.people)
            moved = ImportRun.objects.filter(
                pk=run_id, records_done=before, state=ImportRun.State.RUNNING
            ).update(
                records_done=self.tally.items,
                bytes_done=bytes_done,
                counts=self.tally.counts,
                problems=self.tally.problems,
                first_at=self.tally.first_at,
                last_at=self.tally.last_at,
            )
            if not moved:
                raise MovedOn

    def _sorted_out(self, batch: list[Item]) -> list[tuple[Place, Record]]:
        """Tell the records from the rest and give each its place."""
        placed: list[tuple[Place, Record]] = []
        for item in batch:
            if isinstance(item, Record):
                self._know(item)
                item = tidy(item, self.now)
            if isinstance(item, Record):
                self.tally.widen(item.at)
                placed.append((self.place_of(item.room), item))
            elif isinstance(item, BadLine):
                self.tally.note_problem(item)
            else:
                self.tally.note_skipped(item)
        return placed
