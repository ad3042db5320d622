"""The numbers of a community's overview, as its page shows them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from chaguan.insights.selectors.overview import Figure, Overview
from chaguan.ui.charts import Chart, Series

SHOWN = ("members", "mau", "messages", "joins", "leaves", "new_members")


@dataclass(frozen=True)
class FigureLine:
    """One number with its change in words."""

    figure: Figure
    change: str


def figures_of(numbers: Overview) -> list[FigureLine]:
    """The numbers of the page, each against the thirty days before."""
    return [FigureLine(numbers[code], _change(numbers[code])) for code in SHOWN]


def _change(figure: Figure) -> str:
    if figure.before is None:
        return ""
    more = figure.value - figure.before
    if more == 0:
        return _("as many as in the 30 days before")
    if more > 0:
        return _("%(count)s more than in the 30 days before") % {"count": f"{more:,}"}
    return _("%(count)s fewer than in the 30 days before") % {"count": f"{-more:,}"}


def charts_of(numbers: Overview) -> list[Chart]:
    """Two ideas: how much is said a day, and by how many people."""
    return [_daily(numbers["messages"], "bar", 1), _daily(numbers["dau"], "line", 3)]


def _daily(figure: Figure, kind: str, tone: int) -> Chart:
    return Chart(
        code=figure.code,
        title=figure.label,
        labels=[f"{day:%m-%d}" for day, _value in figure.daily],
        series=[Series(figure.label, [value for _day, value in figure.daily], tone)],
        unit=figure.unit,
        kind="bar" if kind == "bar" else "line",
        notes=[figure.hint],
    )
