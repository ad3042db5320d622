"""A preview's entries for everybody: what was played for one of a kind, said for all of the kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

from chaguan.playbooks.actions.preview_types import Planned
from chaguan.playbooks.models import Run
from chaguan.playbooks.rendering import texts_of

CHUNK = 1000  # texts rendered at once


@dataclass(frozen=True)
class Entry:
    """What happens to one, and who are treated alike. `payload` renders the others' texts."""

    planned: Planned
    payload: dict[str, Any] = field(default_factory=dict)
    kind: tuple[int, ...] = ()  # empty: nobody in particular

    @property
    def count(self) -> int:
        return len(self.kind) or 1


@dataclass(frozen=True)
class _Row:
    """As much of an outbox row as texts are made of."""

    pk: int
    member_id: int
    payload: dict[str, Any]
    room_id: None = None
    key: str = "preview"


class PlannedForAll(Sequence[Planned]):
    """One Planned for every person and room. Texts are rendered while it is read, nothing is kept."""

    def __init__(self, entries: Sequence[Entry], run: Run) -> None:
        self.entries = entries
        self._run = run

    def __len__(self) -> int:
        return sum(entry.count for entry in self.entries)

    def __iter__(self) -> Iterator[Planned]:
        for entry in self.entries:
            yield from self._of(entry)

    @overload
    def __getitem__(self, place: int) -> Planned: ...
    @overload
    def __getitem__(self, place: slice) -> list[Planned]: ...
    def __getitem__(self, place: int | slice) -> Planned | list[Planned]:
        return list(self)[place]

    def _of(self, entry: Entry) -> Iterator[Planned]:
        if len(entry.kind) < 2:
            yield entry.planned
            return
        for start in range(0, len(entry.kind), CHUNK):
            people = entry.kind[start : start + CHUNK]
            rows: Any = [_Row(pk, pk, entry.payload) for pk in people]
            texts = texts_of(rows, {self._run.pk: self._run}) if entry.planned.text else {}
            for pk in people:
                yield replace(entry.planned, member_id=pk, text=texts.get(pk, ""))
