"""chaguan explain: the chain of causes of one fact."""

import click

from chaguan.eventlog.contract import Logged
from chaguan.eventlog.selectors import chain


def line(fact: Logged, step: int) -> str:
    """One fact as one line, indented below its cause."""
    ids = [
        f"{name} {value}"
        for name, value in (
            ("community", fact.community_id),
            ("room", fact.room_id),
            ("member", fact.member_id),
        )
        if value is not None
    ]
    details = [f"{key}={value!r}" for key, value in fact.data.items()]
    head = f"{'  ' * step}{'└ ' if step else ''}{fact.id}  {fact.at.isoformat(timespec='seconds')}"
    return "  ".join([head, fact.name, f"by {fact.actor}", *ids, *details])


@click.command(
    epilog="Example: chaguan explain 4711",
    short_help="Print why a fact came about.",
)
@click.argument("event", type=click.IntRange(min=1))
def command(event: int) -> None:
    """Print the facts that led to EVENT (its number in the log), the first cause first."""
    for step, fact in enumerate(chain(event)):
        click.echo(line(fact, step))
