"""chaguan metric: one metric of one community over a range."""

from datetime import date, datetime, timedelta

import click
from rich.console import Console
from rich.table import Table

from chaguan.insights.contract import metrics
from chaguan.insights.evaluate import Answer
from chaguan.insights.presenting import as_csv, as_json, cell
from chaguan.insights.selectors.answers import answer
from chaguan.insights.selectors.finding import community_named
from chaguan.insights.selectors.questions import Range, local_day
from chaguan.insights.types import Every
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor

DATE = click.DateTime(formats=["%Y-%m-%d"])
CALLER = Actor.system("command line")


def show(found: Answer, form: str) -> None:
    """Print the rows in the form asked for."""
    columns = found.metric.columns
    if form == "csv":
        click.echo(as_csv(columns, found.rows), nl=False)
    elif form == "json":
        click.echo(as_json(columns, found.rows))
    else:
        table = Table(title=str(found.metric.label), caption=found.formula, caption_justify="left")
        for column in columns:
            table.add_column(column, justify="right" if column in ("value", "members") else "left")
        for row in found.rows:
            table.add_row(*(cell(value) for value in row))
        Console().print(table)


@click.command(
    epilog=(
        "Example: chaguan metric active_members --community 茶友会 --since 2026-01-01"
        " --until 2026-03-31 --every week --format csv"
    ),
    short_help="Print one metric of one community.",
)
@click.argument("code")
@click.option("--community", required=True, help="Its name.")
@click.option("--since", type=DATE, help="First day, YYYY-MM-DD. Default: 30 days up to --until.")
@click.option("--until", type=DATE, help="Last day, inclusive, YYYY-MM-DD. Default: today.")
@click.option(
    "--every",
    type=click.Choice([every.value for every in Every]),
    default=Every.DAY.value,
    show_default=True,
    help="Length of a period; weeks start on Monday.",
)
@click.option(
    "--timezone", default="", help="IANA zone, as in Asia/Shanghai. Default: the community's."
)
@click.option(
    "--with-bots", is_flag=True, help="Count known bots too; they are left out otherwise."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "table"]),
    default="table",
    show_default=True,
    help="csv and json print every period of the range, zeros included.",
)
def command(
    code: str,
    community: str,
    since: datetime | None,
    until: datetime | None,
    every: str,
    timezone: str,
    with_bots: bool,
    form: str,
) -> None:
    """Print metric CODE of a community for each period from --since to --until, both days included.

    `chaguan metrics` lists the codes with their definitions.
    """
    metrics.get(code)
    community_id = community_named(CALLER, community)
    last: date = until.date() if until else local_day(clock.now(), community_id)
    first: date = since.date() if since else last - timedelta(days=29)
    asked = Range(first, last, Every(every), timezone, with_bots)
    show(answer(CALLER, code, [community_id], asked), form)
