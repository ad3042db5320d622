"""chaguan metrics: the catalogue of metrics."""

import json
from dataclasses import asdict

import click

from chaguan.insights.selectors.answers import Definition, catalogue


def paragraph(metric: Definition) -> str:
    """One metric as a short paragraph."""
    lines = [
        f"{metric.code}  {metric.label} [{metric.unit}]  {metric.edition}",
        f"    {metric.formula}",
        f"    {metric.denominator}",
        f"    {', '.join(metric.columns)}",
    ]
    return "\n".join(lines)


@click.command(epilog="Example: chaguan metrics --format json", short_help="List all metrics.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(form: str) -> None:
    """List all metrics: code, label, unit, edition, definition, denominator and columns."""
    found = catalogue()
    if form == "json":
        click.echo(json.dumps([asdict(metric) for metric in found], ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(paragraph(metric) for metric in found))
    if found:
        click.echo(f"\n{found[0].zone_rule}\n{found[0].bots_rule}")
