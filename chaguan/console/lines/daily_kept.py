"""A day's report as it is kept, and its exceptions, with names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from chaguan.console.lines.actors import actor_names
from chaguan.playbooks.selectors.reports_kept import drafts_visible_to, troubles_visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chaguan.kernel.actor import Actor
    from chaguan.playbooks.models import DayReport, Trouble


@dataclass(frozen=True)
class Kept:
    """The kept report of a day, who handed it in, and how it counted then. `report` None: not drafted yet."""

    report: DayReport | None
    by: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """What it said when it was handed in."""
        told = (self.report.told if self.report else None) or {}
        parts = ("done", "left_out", "unfinished")
        return {part: sum(_amount(line) for line in told.get(part, ())) for part in parts}


def _amount(line: Sequence[object]) -> int:
    """How many a kept line stands for; the oldest ones stood for one each."""
    amount = line[5] if len(line) > 5 else 1
    return amount if isinstance(amount, int) else 1


def kept_of_place(actor: Actor, community_id: int, day: date) -> Kept:
    """The community's report of the day. Queries: 2."""
    return _kept(drafts_visible_to(actor).filter(community_id=community_id, day=day).first())


def kept_of_person(actor: Actor, day: date) -> Kept:
    """One's own report of the day. Queries: 2."""
    mine = drafts_visible_to(actor).filter(user_id=actor.user_id or 0, day=day)
    return _kept(mine.first())


def _kept(report: DayReport | None) -> Kept:
    by = report.submitted_by if report else ""
    return Kept(report, actor_names({by})[by] if by else "")


def troubles_of(actor: Actor, community_id: int, day: date) -> list[tuple[Trouble, str]]:
    """Exceptions of the day and those still open, each with who filed it. Queries: 2."""
    rows = troubles_visible_to(actor).filter(community_id=community_id)
    found = list(rows.filter(Q(day=day) | Q(closed_at__isnull=True, day__lte=day))[:100])
    names = actor_names({row.by for row in found})
    return [(row, names[row.by]) for row in found]
