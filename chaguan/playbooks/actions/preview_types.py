"""What a preview says: entries of single people and rooms, and the lines of the timeline."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Planned:
    """One message or assignment as it will be.

    `at` is when it goes out (or waits for a person), `due_at` when its step fell due. `held_for` lists why
    it waited meanwhile. `state` is sent, awaiting_person, suppressed, failed, assignment or left_out.
    """

    step: str
    due_at: datetime
    at: datetime
    kind: str
    state: str
    room_id: int | None = None
    member_id: int | None = None
    text: str = ""
    held_for: tuple[str, ...] = ()
    reason: str = ""
    role: str = ""


@dataclass(frozen=True)
class PreviewLine:
    """One line of the timeline: a step at an instant, how many it reaches, and what they read."""

    at: datetime
    due_at: datetime
    step: str
    title: str
    track: str
    purpose: str
    kind: str
    mode: str
    state: str
    held_for: tuple[str, ...]
    reason: str
    role: str
    recipients: int
    names: tuple[str, ...]
    text: str
    minutes: int
    kinds: tuple[tuple[int, ...], ...] = ()  # people it reaches, by kind

    @property
    def member_ids(self) -> list[int]:
        """Everybody it reaches, when these are people."""
        return [member_id for kind in self.kinds for member_id in kind]


@dataclass(frozen=True)
class Preview:
    """A dated timeline, with what is still missing before the run can start."""

    lines: Sequence[PreviewLine]
    planned: Sequence[Planned]
    missing_roles: Sequence[str]
    missing_values: Sequence[str]
    is_cut: bool
    zone: str

    def minutes_by_day(self) -> dict[date, int]:
        """How long people work for this run on each local day."""
        days: Counter[date] = Counter()
        for line in self.lines:
            if line.minutes:
                days[line.at.astimezone(ZoneInfo(self.zone)).date()] += line.minutes
        return dict(sorted(days.items()))
