"""chaguan import: history files into a community, at once and without a worker."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from chaguan.channels.actions.imports import Plan, Report, import_file
from chaguan.channels.contract import importers
from chaguan.channels.selectors.imports import ImportStatus, status_of
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid

SHOWN_PROBLEMS = 5


def parse_options(given: Sequence[str]) -> dict[str, str]:
    """Turn NAME=VALUE words into a mapping."""
    pairs = [word.partition("=") for word in given]
    if wrong := [name for name, sign, _value in pairs if not sign or not name]:
        raise click.UsageError(f"Write options as NAME=VALUE, not {wrong[0]!r}.")
    return {name.strip(): value for name, _sign, value in pairs}


@contextmanager
def progress_bar(console: Console, path: Path) -> Iterator[Report]:
    """A bar over the file's bytes with the number of records and their rate."""
    started = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[records]:,}"),
        TextColumn("{task.fields[rate]:,}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(path.name, total=path.stat().st_size, records=0, rate=0)

        def report(bytes_read: int, records: int) -> None:
            rate = round(records / max(time.monotonic() - started, 0.001))
            progress.update(bar, completed=bytes_read, records=records, rate=rate)

        yield report


def lines(name: str, status: ImportStatus) -> Iterator[str]:
    """The result of one file, in a few lines."""
    counts = {key: status.counts.get(key, 0) for key in ("messages", "members", "joins", "leaves")}
    yield (
        name
        + ": "
        + _("%(messages)s messages, %(members)s people, %(joins)s joins, %(leaves)s leaves")
        % {key: f"{value:,}" for key, value in counts.items()}
    )
    if status.first_at and status.last_at:
        first, last = (at.isoformat(timespec="minutes") for at in (status.first_at, status.last_at))
        yield "  " + _("From %(first)s to %(last)s.") % {"first": first, "last": last}
    if known := status.counts.get("duplicates", 0):
        yield "  " + _("%(count)s records were known already.") % {"count": f"{known:,}"}
    for reason, amount in status.skipped:
        yield f"  {amount:,} × {reason}"
    if status.problems_total:
        yield "  " + _("%(count)s lines need a look:") % {"count": f"{status.problems_total:,}"}
    for problem in status.problems[:SHOWN_PROBLEMS]:
        yield f"    {problem.line}: {problem.reason} {problem.sample}"
    if status.problems_total > SHOWN_PROBLEMS:
        yield "    …"


@click.command(
    epilog="Example: chaguan import tea.jsonl.gz --community 茶友会 --timezone Asia/Shanghai",
    short_help="Import chat history into a community.",
)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--community", required=True, metavar="NAME", help="Made when it is new.")
@click.option("--format", "format_", default="", metavar="F", help="Instead of recognising it.")
@click.option(
    "--timezone", default="", metavar="Z", help="Of times without one, e.g. Asia/Shanghai."
)
@click.option("--room", default="", metavar="NAME", help="For records that name no room.")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of the format, e.g. time=时间 for a CSV column.",
)
def command(
    files: tuple[Path, ...],
    community: str,
    format_: str,
    timezone: str,
    room: str,
    options: tuple[str, ...],
) -> None:
    """Import each FILE (also .gz and .zip) into the community NAME.

    The same file twice changes nothing; a command that was stopped goes on where it was when it is given
    again. Bad lines are told with their number and reason, the good ones are imported.
    """
    if format_:
        importers.get(format_)
    plan = Plan(community, format_, timezone, room, parse_options(options))
    console = Console(stderr=True)
    for path in files:
        with progress_bar(console, path) as report:
            run = import_file(
                Actor.system("command line"), path, plan, now=clock.now(), report=report
            )
        status = status_of(run)
        for line in lines(path.name, status):
            click.echo(line)
        if status.error:
            raise Invalid(f"{path.name}: {status.error}")
        if status.is_open:
            raise Invalid(_("Another process carries this import on."))
