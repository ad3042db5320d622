"""Numbers as reports show them: charts and tables with a way to the people behind each."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.console.forms.reporting import Reading
from chaguan.insights.selectors.answers import CohortRow, answer, cohort_table, funnel, series
from chaguan.kernel.actor import Actor
from chaguan.ui.charts import Chart
from chaguan.ui.charts import Series as Line

STEPS = {
    "joined_new": gettext_lazy("Joined for the first time"),
    "posted_within_7d": gettext_lazy("Spoke within 7 days"),
    "posted_2plus_total": gettext_lazy("Spoke at least twice"),
    "posted_again_day7_13": gettext_lazy("Spoke again in the second week"),
    "posted_again_day14_29": gettext_lazy("Spoke again in weeks 3 and 4"),
}
TONES = {"messages": 1, "active_members": 3, "joins": 1, "leaves": 5, "new_members": 2}


@dataclass(frozen=True)
class Block:
    """One idea on the page: its title, what it means, and a chart or a table."""

    code: str
    title: str
    formula: str
    chart: Chart | None = None
    table: Any = None
    url: str = ""  # to the members behind it


def blocks(actor: Actor, reading: Reading) -> list[Block]:
    """The blocks of the chosen view."""
    return _VIEWS[reading.view](actor, reading)


def _liveliness(actor: Actor, reading: Reading) -> list[Block]:
    return [
        _line(actor, reading, "messages", kind="bar"),
        _line(actor, reading, "active_members"),
        _hours(actor, reading),
        _silences(actor, reading),
    ]


def _people(actor: Actor, reading: Reading) -> list[Block]:
    return [
        _line(actor, reading, "joins", kind="bar"),
        _line(actor, reading, "leaves", kind="bar"),
        _line(actor, reading, "new_members", kind="bar"),
        _funnel(actor, reading),
    ]


def _staying(actor: Actor, reading: Reading) -> list[Block]:
    return [_line(actor, reading, "retained_members"), _cohorts(actor, reading)]


def _weight(actor: Actor, reading: Reading) -> list[Block]:
    return [_concentration(actor, reading), _top_posters(actor, reading)]


_VIEWS = {
    "activity": _liveliness,
    "people": _people,
    "retention": _staying,
    "weight": _weight,
}


def _line(actor: Actor, reading: Reading, code: str, kind: Any = "line") -> Block:
    found = series(actor, code, [reading.community_id], reading.asked)
    chart = Chart(
        code=code,
        title=found.label,
        labels=[point.period.isoformat() for point in found.points],
        series=[Line(found.label, [point.value for point in found.points], TONES.get(code, 1))],
        unit=found.unit,
        kind=kind,
        csv_url=csv_url(reading, code),
    )
    behind = reverse("console:behind", args=[code])
    return Block(code, found.label, found.formula, chart, url=f"{behind}?{reading.query()}")


def _hours(actor: Actor, reading: Reading) -> Block:
    found = answer(actor, "hour_of_day", [reading.community_id], reading.asked)
    by_hour = {row[0]: row[1] for row in found.rows}
    chart = Chart(
        code="hour_of_day",
        title=str(found.metric.label),
        labels=[f"{hour:02d}" for hour in range(24)],
        series=[Line(str(found.metric.label), [by_hour.get(hour, 0) for hour in range(24)], 1)],
        unit=str(found.metric.unit),
        kind="bar",
        csv_url=csv_url(reading, "hour_of_day"),
    )
    return Block("hour_of_day", str(found.metric.label), found.formula, chart)


def _silences(actor: Actor, reading: Reading) -> Block:
    found = answer(actor, "longest_silence", [reading.community_id], reading.asked)
    return Block(
        "longest_silence", str(found.metric.label), found.formula, table=list(found.rows[:5])
    )


@dataclass(frozen=True)
class Step:
    """One step of the funnel with a link to those who reached it."""

    label: str
    members: int
    percent: int
    lost: int
    url: str


def _funnel(actor: Actor, reading: Reading) -> Block:
    found = funnel(actor, [reading.community_id], reading.asked)
    steps, before = [], None
    for step in found:
        key = {"key": step.step}
        url = f"{reverse('console:behind', args=['newcomer_funnel'])}?{reading.query(**key)}"
        lost = 0 if before is None else max(0, before - step.members)
        label = str(STEPS.get(step.step, step.step))
        steps.append(Step(label, step.members, step.percent, lost, url))
        before = step.members
    definition = answer(actor, "newcomer_funnel", [reading.community_id], reading.asked)
    return Block("newcomer_funnel", str(definition.metric.label), definition.formula, table=steps)


@dataclass(frozen=True)
class Cell:
    """One cell of the cohort table; `shade` 0 to 5 by the share still active."""

    active: int
    percent: int
    shade: int
    url: str


@dataclass(frozen=True)
class Cohort:
    """One row of the cohort table."""

    label: str
    size: int
    cells: tuple[Cell, ...]


def _cohorts(actor: Actor, reading: Reading) -> Block:
    rows = cohort_table(actor, [reading.community_id], reading.asked)
    found = answer(actor, "cohorts", [reading.community_id], reading.asked)
    table = [_cohort(row, reading) for row in rows if row.size][-26:]
    return Block("cohorts", str(found.metric.label), found.formula, table=table)


def _cohort(row: CohortRow, reading: Reading) -> Cohort:
    behind = reverse("console:behind", args=["cohorts"])
    cells = []
    for age, active in enumerate(row.active[:26]):
        percent = round(100 * active / row.size)
        key = f"{row.cohort.isoformat()},{age}"
        url = f"{behind}?{reading.query(key=key)}" if active else ""
        cells.append(Cell(active, percent, 0 if not active else min(5, 1 + percent // 20), url))
    return Cohort(date_format(row.cohort, "SHORT_DATE_FORMAT"), row.size, tuple(cells))


def _concentration(actor: Actor, reading: Reading) -> Block:
    found = answer(actor, "concentration", [reading.community_id], reading.asked)
    return Block("concentration", str(found.metric.label), found.formula, table=dict(found.rows))


def _top_posters(actor: Actor, reading: Reading) -> Block:
    found = answer(actor, "top_posters", [reading.community_id], reading.asked)
    names = dict(zip(found.metric.columns, range(9), strict=False))
    table = [
        {name: row[place] for name, place in names.items() if place < len(row)}
        for row in found.rows[:20]
    ]
    return Block("top_posters", str(found.metric.label), found.formula, table=table)


def csv_url(reading: Reading, code: str) -> str:
    """Where the numbers can be taken along."""
    return f"{reverse('console:insights-csv', args=[code])}?{reading.query()}"


def span_in_words(reading: Reading) -> str:
    """The chosen days as words."""
    return _("%(since)s to %(until)s") % {
        "since": date_format(reading.asked.since, "SHORT_DATE_FORMAT"),
        "until": date_format(reading.asked.until, "SHORT_DATE_FORMAT"),
    }
