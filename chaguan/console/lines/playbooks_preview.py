"""A preview as its page shows it: days with tracks side by side, what is held back, whose hours it costs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from chaguan.console.lines.playbooks import PREVIEW_LOOKS, role_words
from chaguan.playbooks.actions.preview import Preview, PreviewLine
from chaguan.playbooks.selectors.capacity import (
    capacities,
    day_limit,
    minutes_by_day,
    monday_of,
    names_of_people,
)
from chaguan.playbooks.selectors.notation import Person, PlaybookDocument

NOT_GOING = ("suppressed", "failed", "left_out")
MESSAGES = ("sent", "awaiting_person")


@dataclass(frozen=True)
class TrackOfDay:
    """One track on one day: its lines by time, each with the state to show."""

    key: str
    title: str
    is_personal: bool
    lines: Sequence[tuple[PreviewLine, str]]


@dataclass(frozen=True)
class DayOfPreview:
    """One local day of a preview: every track of the playbook side by side."""

    day: date
    tracks: Sequence[TrackOfDay]
    minutes: int
    messages: int


def days_of(preview: Preview, document: PlaybookDocument) -> list[DayOfPreview]:
    """The timeline by local day and track."""
    zone, work = ZoneInfo(preview.zone), preview.minutes_by_day()
    days = []
    for day, found in groupby(preview.lines, lambda line: line.at.astimezone(zone).date()):
        lines = list(found)
        tracks = [
            TrackOfDay(
                track.key,
                track.title,
                track.kind.value == "personal",
                [
                    (line, PREVIEW_LOOKS.get(line.state, "planned"))
                    for line in lines
                    if line.track == track.key
                ],
            )
            for track in document.tracks
        ]
        messages = sum(line.recipients for line in lines if line.state in MESSAGES)
        days.append(DayOfPreview(day, tracks, work.get(day, 0), messages))
    return days


@dataclass(frozen=True)
class HeldBack:
    """One reason why something waits or does not go: how many messages, of which steps.

    `is_final`: it does not go at all; otherwise it goes later.
    """

    reason: str
    is_final: bool
    amount: int
    lines: Sequence[PreviewLine]


def held_back(preview: Preview) -> list[HeldBack]:
    """What will be held back and why, what does not go at all first."""
    found: dict[tuple[bool, str], list[PreviewLine]] = defaultdict(list)
    for line in preview.lines:
        if line.state in NOT_GOING:
            found[True, line.reason or line.state].append(line)
        else:
            for reason in dict.fromkeys(line.held_for):
                found[False, reason].append(line)
    kept = [
        HeldBack(reason, is_final, sum(max(1, line.recipients) for line in lines), lines)
        for (is_final, reason), lines in found.items()
    ]
    return sorted(kept, key=lambda one: (not one.is_final, -one.amount))


@dataclass(frozen=True)
class WeekOfWork:
    """One week of one person: this run, what other runs ask already, and what she has. Minutes."""

    monday: date
    here: int
    elsewhere: int
    capacity: int | None

    @property
    def is_over(self) -> bool:
        return self.capacity is not None and self.here + self.elsewhere > self.capacity


@dataclass(frozen=True)
class DayOfWork:
    """One day of one person: this run, other runs, and what a day may ask of her. Minutes."""

    day: date
    here: int
    elsewhere: int
    limit: int

    @property
    def asked(self) -> int:
        return self.here + self.elsewhere

    @property
    def is_over(self) -> bool:
        return self.asked > self.limit


@dataclass(frozen=True)
class Worker:
    """Whose hours the run costs: per day, and per week beside what she can give."""

    name: str
    roles: Sequence[str]
    days: Sequence[DayOfWork]
    weeks: Sequence[WeekOfWork]

    @property
    def is_over(self) -> bool:
        return any(week.is_over for week in self.weeks) or bool(self.full_days)

    @property
    def full_days(self) -> list[DayOfWork]:
        """The days that ask more than a day may, the worst first."""
        return sorted((day for day in self.days if day.is_over), key=lambda day: -day.asked)

    @property
    def daily_limit(self) -> int:
        return self.days[0].limit


def workers_of(preview: Preview, people: Mapping[str, Person], *, now: datetime) -> list[Worker]:
    """Everybody with work in the preview; roles nobody holds yet stand by their own names. Queries: ≤ 12."""
    zone = ZoneInfo(preview.zone)
    work: dict[tuple[Person | None, str], Counter[date]] = defaultdict(Counter)
    roles: dict[tuple[Person | None, str], dict[str, None]] = defaultdict(dict)
    for line in preview.lines:
        if line.minutes:
            person = people.get(line.role)
            who = (person, "" if person else line.role)
            work[who][line.at.astimezone(zone).date()] += line.minutes
            roles[who][line.role] = None
    known = {person for person, _role in work if person is not None}
    if not work:
        return []
    first = monday_of(min(day for days in work.values() for day in days))
    last = max(day for days in work.values() for day in days)
    asked = minutes_by_day(known, first, last + timedelta(days=7), zone, now=now)
    given, names = capacities(known), names_of_people(known)
    workers = [
        Worker(
            names.get(person, "") if person else str(role_words(role)),
            [str(role_words(one)) for one in roles[person, role]] if person else [],
            _days(person, days, asked, given.get(person) if person else None),
            _weeks(person, days, asked, given.get(person) if person else None),
        )
        for (person, role), days in work.items()
    ]
    return sorted(workers, key=lambda worker: (not worker.is_over, worker.name))


def _days(
    person: Person | None,
    days: Mapping[date, int],
    asked: Mapping[tuple[Person, date, int], int],
    capacity: int | None,
) -> list[DayOfWork]:
    elsewhere: Counter[date] = Counter()
    for (who, day, _run), minutes in asked.items():
        if who == person:
            elsewhere[day] += minutes
    limit = day_limit(person, capacity)
    return [DayOfWork(day, here, elsewhere[day], limit) for day, here in sorted(days.items())]


def _weeks(
    person: Person | None,
    days: Mapping[date, int],
    asked: Mapping[tuple[Person, date, int], int],
    capacity: int | None,
) -> list[WeekOfWork]:
    here: Counter[date] = Counter()
    for day, minutes in days.items():
        here[monday_of(day)] += minutes
    elsewhere: Counter[date] = Counter()
    for (who, day, _run), minutes in asked.items():
        if who == person:
            elsewhere[monday_of(day)] += minutes
    return [
        WeekOfWork(monday, here[monday], elsewhere[monday], capacity) for monday in sorted(here)
    ]
