"""The dashboard of a community, or of several together: today's numbers against the span before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from chaguan.communities.selectors.sizes import member_counts
from chaguan.insights.columns.opened import Columns, opened
from chaguan.insights.contract import metrics
from chaguan.insights.evaluate import Answer, evaluate
from chaguan.insights.selectors.questions import Range, local_day, question
from chaguan.insights.types import Asked
from chaguan.kernel.actor import Actor

DAYS = 30
COUNTED = ("messages", "joins", "leaves", "removals", "new_members", "conversions")  # days add up
ROLLING = ("mau", "wau", "dau")  # different members: days do not add up


@dataclass(frozen=True)
class Figure:
    """One number with its trend. `before` is the same over the span before, None where there is none.

    `formula` is what a person reads on hovering; `edition` the definition's number. `daily` is the line
    of the last 30 days.
    """

    code: str
    label: str
    unit: str
    value: int
    before: int | None
    formula: str
    edition: str
    daily: tuple[tuple[date, int], ...] = ()

    @property
    def change_percent(self) -> int | None:
        """By how much it grew, in whole per cent; None without a number before."""
        if not self.before:
            return None
        return round(100 * (self.value - self.before) / self.before)

    @property
    def hint(self) -> str:
        """The formula with its window and edition, for the title of a number."""
        return _("%(formula)s (definition %(edition)s)") % {
            "formula": self.formula,
            "edition": self.edition,
        }


@dataclass(frozen=True)
class Overview:
    """All figures of a dashboard by code, and the range they cover (both dates inclusive)."""

    since: date
    until: date
    figures: dict[str, Figure]

    def __getitem__(self, code: str) -> Figure:
        return self.figures[code]


def overview(actor: Actor, community_id: int, now: datetime) -> Overview:
    """The dashboard of one community: the last 30 local days and the 30 before. Raises Missing."""
    return overview_of(actor, [community_id], now)


def overview_of(actor: Actor, community_ids: Collection[int], now: datetime) -> Overview:
    """The same over several communities together; a member of two counts once where people count."""
    until = local_day(now, min(community_ids))
    asked = Range(until - timedelta(days=2 * DAYS - 1), until)
    posed = question(actor, community_ids, asked)
    with opened() as columns:
        return overview_from(columns.only(posed.community_ids), posed)


def overview_from(columns: Columns, posed: Asked) -> Overview:
    """The dashboard from an open look; `posed` covers both spans by day."""
    figures = {"members": _members(posed)}
    for code in COUNTED:
        found = evaluate(code, posed, columns)
        values = [row[1] for row in found.rows]
        figures[code] = _figure(found, sum(values[DAYS:]), sum(values[:DAYS]))
    for code in ROLLING:
        found = evaluate(code, posed, columns)
        figures[code] = _figure(found, found.rows[-1][1], found.rows[DAYS - 1][1])
    since = posed.until - timedelta(days=DAYS - 1)
    return Overview(since, posed.until, figures)


def _figure(found: Answer, value: int, before: int) -> Figure:
    metric = found.metric
    return Figure(
        code=found.code,
        label=str(metric.label),
        unit=str(metric.unit),
        value=value,
        before=before,
        formula=found.formula,
        edition=found.editions[-1].label,
        daily=tuple(found.rows[DAYS:]),
    )


def _members(posed: Asked) -> Figure:
    counts = member_counts(posed.community_ids)
    return Figure(
        code="members",
        label=_("Members"),
        unit=str(metrics.get("active_members").unit),
        value=sum(counts.values()),
        before=None,
        formula=_(
            "Members who are in now, without known bots; a member of two communities counts twice."
        ),
        edition="1.0",
    )
