"""A run as pages show it: the board's columns, the calendar's weeks, the rooms, what can be undone."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from chaguan.playbooks.selectors.calendar import CalendarEntry, calendar_of

if TYPE_CHECKING:
    from chaguan.playbooks.models import Run

COLUMN_WORDS: dict[str, str | Promise] = {
    "unknown": pgettext_lazy("board", "To be confirmed"),
    "failed": pgettext_lazy("board", "Failed"),
    "late": pgettext_lazy("board", "Late"),
    "held": pgettext_lazy("board", "Held"),
    "waiting": pgettext_lazy("board", "To come"),
    "done": pgettext_lazy("board", "Done"),
    "skipped": pgettext_lazy("board", "Skipped"),
}
COLUMN_LOOKS = {
    "unknown": "unknown",
    "failed": "failed",
    "late": "late",
    "held": "held",
    "waiting": "planned",
    "done": "done",
    "skipped": "skipped",
}
ENTRY_LOOKS = {
    "waiting": "planned",
    "done": "done",
    "skipped": "skipped",
    "late": "late",
    "asked": "late",
    "cancelled": "cancelled",
    "people": "planned",
}
SHOWN_IN_CELL = 4


@dataclass(frozen=True)
class Cell:
    """One day of the calendar. `more` entries are not shown in the month."""

    day: date
    entries: Sequence[tuple[CalendarEntry, str]]
    more: int
    is_other_month: bool
    is_today: bool


@dataclass(frozen=True)
class Grid:
    """A month or a week of a run."""

    span: str
    weeks: Sequence[Sequence[Cell]]
    title_day: date
    before: date
    after: date
    is_empty: bool


def grid_of(run: Run, span: str, day: date, today: date) -> Grid:
    """The weeks around `day`: of its month, or the one week it lies in. Queries: 2."""
    if span == "week":
        monday = day - timedelta(days=day.weekday())
        weeks = [[monday + timedelta(days=n) for n in range(7)]]
        before, after = day - timedelta(days=7), day + timedelta(days=7)
    else:
        weeks = Calendar().monthdatescalendar(day.year, day.month)
        before = day.replace(day=1) - timedelta(days=1)
        after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    found = calendar_of(run, weeks[0][0], weeks[-1][-1])
    limit = SHOWN_IN_CELL if span == "month" else 200
    rows = [
        [
            Cell(
                one,
                [(e, ENTRY_LOOKS[e.state]) for e in found.get(one, [])[:limit]],
                max(0, len(found.get(one, [])) - limit),
                span == "month" and one.month != day.month,
                one == today,
            )
            for one in week
        ]
        for week in weeks
    ]
    return Grid(span, rows, day, before, after, not found)
