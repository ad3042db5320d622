"""chaguan health: the condition of communities with its reasons."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from chaguan.communities.selectors import communities_visible_to
from chaguan.insights.actions.health import update_health
from chaguan.insights.selectors.finding import community_named
from chaguan.insights.selectors.health import Health, health_at, health_of
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor

CALLER = Actor.system("command line")


def paragraph(name: str, health: Health) -> str:
    """One community in a few lines."""
    since = f"  {health.since:%Y-%m-%d}" if health.since else ""
    lines = [f"{name}: {health.label}{since}", *(f"    {reason}" for reason in health.reasons)]
    if health.proposal:
        lines.append(
            f"    → {health.proposal}" + (f" [{health.playbook}]" if health.playbook else "")
        )
    return "\n".join(lines)


def as_object(name: str, health: Health) -> dict[str, object]:
    """One community for programs."""
    values = asdict(health)
    for key in ("since", "computed_at"):
        values[key] = values[key].isoformat() if values[key] else None
    return {"community": name, **values}


@click.command(
    epilog="Example: chaguan health --community 茶友会",
    short_help="Say whether communities are alive, and why.",
)
@click.option(
    "--community", default="", help="Its name. Default: all communities that are not closed."
)
@click.option(
    "--on",
    "day",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Look as of the end of this UTC day instead of now, and keep nothing.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(community: str, day: datetime | None, form: str) -> None:
    """Compute the health of communities and say each one's state, the reasons and what to do."""
    visible = communities_visible_to(CALLER)
    ids = [community_named(CALLER, community)] if community else None
    chosen = visible.filter(pk__in=ids) if ids is not None else visible
    names = dict(chosen.order_by("name").values_list("pk", "name"))
    if day is not None:
        found = health_at(CALLER, list(names), day.replace(tzinfo=UTC) + timedelta(days=1))
    else:
        update_health(CALLER, now=clock.now())
        found = health_of(CALLER, list(names))
    shown = [(name, found[pk]) for pk, name in names.items() if pk in found]
    if form == "json":
        objects = [as_object(name, health) for name, health in shown]
        click.echo(json.dumps(objects, ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(paragraph(name, health) for name, health in shown))
