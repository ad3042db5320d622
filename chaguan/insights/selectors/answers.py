"""Numbers for screens and scripts: one metric over a range, and the members behind a number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from chaguan.insights import evaluate as engine
from chaguan.insights.columns.opened import opened
from chaguan.insights.contract import metrics
from chaguan.insights.editions import metric_editions
from chaguan.insights.evaluate import Answer, formula
from chaguan.insights.periods import periods_of
from chaguan.insights.selectors.questions import Range, question
from chaguan.kernel.actor import Actor


@dataclass(frozen=True)
class Point:
    """One value of a series. `edition` names the definition it was computed with."""

    period: date
    value: int
    edition: str


@dataclass(frozen=True)
class Series:
    """A metric over time with what a person reads on hovering."""

    code: str
    label: str
    unit: str
    formula: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class CohortRow:
    """One cohort: how many began, and how many were active 0, 1, 2 … periods later (zeros filled in)."""

    source: str
    cohort: date
    size: int
    active: tuple[int, ...]


@dataclass(frozen=True)
class FunnelStep:
    """One step: how many members reached it, and their share of the first step in whole per cent."""

    step: str
    members: int
    percent: int


@dataclass(frozen=True)
class Definition:
    """A metric as the catalogue shows it."""

    code: str
    label: str
    unit: str
    formula: str
    denominator: str
    zone_rule: str
    bots_rule: str
    edition: str
    columns: tuple[str, ...]
    windows: dict[str, int]


def answer(actor: Actor, code: str, community_ids: Collection[int], asked: Range) -> Answer:
    """The rows of any metric over one or more communities together. Raises Missing, UnknownCode."""
    metrics.get(code)
    posed = question(actor, community_ids, asked)
    with opened() as columns:
        return engine.evaluate(code, posed, columns)


def series(actor: Actor, code: str, community_ids: Collection[int], asked: Range) -> Series:
    """A metric with one value for each period, zeros included."""
    found = answer(actor, code, community_ids, asked)
    labels = [edition.label for edition in found.editions]
    used = labels if len(labels) == len(found.rows) else labels[:1] * len(found.rows)
    points = [Point(row[0], row[1], edition) for row, edition in zip(found.rows, used, strict=True)]
    metric = found.metric
    return Series(code, str(metric.label), str(metric.unit), found.formula, tuple(points))


def cohort_table(
    actor: Actor, community_ids: Collection[int], asked: Range, code: str = "cohorts"
) -> list[CohortRow]:
    """The retention triangle: `cohorts` by first message, or `join_cohorts` by join and source."""
    found = answer(actor, code, community_ids, asked)
    periods = periods_of(question(actor, community_ids, asked))
    cells: dict[tuple[str, date], tuple[int, dict[int, int]]] = {}
    for row in found.rows:
        source, cohort, age, active, size = row if len(row) == 5 else ("", *row)
        cells.setdefault((source, cohort), (size, {}))[1][age] = active
    rows = []
    for (source, cohort), (size, by_age) in sorted(cells.items()):
        ages = range(len(periods) - periods.index(cohort))
        rows.append(CohortRow(source, cohort, size, tuple(by_age.get(age, 0) for age in ages)))
    return rows


def funnel(actor: Actor, community_ids: Collection[int], asked: Range) -> list[FunnelStep]:
    """The newcomer funnel over those who joined in the range."""
    rows = answer(actor, "newcomer_funnel", community_ids, asked).rows
    first = rows[0][1]
    return [
        FunnelStep(step, n, (200 * n + first) // (2 * first) if first else 0) for step, n in rows
    ]


def members_behind(
    actor: Actor, code: str, community_ids: Collection[int], asked: Range, key: Sequence[str]
) -> list[int]:
    """Ids of the members behind one row, named by its first columns as the CSV prints them.

    `("2026-03-02",)` for a period, `("2026-03-01", "2")` for a cohort's cell, `("joined_new",)` for a step.
    """
    metrics.get(code)
    posed = question(actor, community_ids, asked)
    with opened() as columns:
        return [int(pk) for pk in engine.members_behind(code, posed, key, columns)]


def catalogue() -> list[Definition]:
    """All metrics with the definition that is in force for what comes now."""
    found = []
    for code, metric in metrics:
        edition = metric_editions(code, metric)[-1]
        found.append(
            Definition(
                code=code,
                label=str(metric.label),
                unit=str(metric.unit),
                formula=formula(metric, edition),
                denominator=str(metric.denominator),
                zone_rule=str(metric.zone_rule),
                bots_rule=str(metric.bots_rule),
                edition=edition.label,
                columns=metric.columns,
                windows=dict(edition.windows),
            )
        )
    return found
