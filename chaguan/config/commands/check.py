"""chaguan check: whether this installation is sound, and fit for real people."""

import click

from chaguan.config.readiness import LOOKS, Finding, production


def show(finding: Finding) -> None:
    sign = "!!" if finding.is_problem else "  "
    click.echo(f"{sign} {finding.subject}: {finding.sentence}")


@click.command(
    epilog="Example: chaguan check --deploy",
    short_help="Look over configuration, database, registries, worker.",
)
@click.option("--deploy", is_flag=True, help="Also refuse what only a rehearsal may do.")
def command(deploy: bool) -> None:
    """Look over configuration, database, migrations, registries and the worker.

    Problems are marked with !! and make the exit code 2.
    """
    looks = (*LOOKS, production) if deploy else LOOKS
    problems = 0
    for look in looks:
        for finding in look():
            show(finding)
            problems += finding.is_problem
    if problems:
        raise click.ClickException(f"Problems found: {problems}.")
    click.echo("   everything: in order.")
