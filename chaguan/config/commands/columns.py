"""chaguan columns: the columnar copy of the log that metrics read."""

import click

from chaguan.insights.columns.opened import default_store


@click.command(
    epilog="Example: chaguan columns --rebuild",
    short_help="Bring the columnar copy up to date, or build it again.",
)
@click.option("--rebuild", is_flag=True, help="Begin again from the first fact.")
@click.option(
    "--compact", is_flag=True, help="Then cluster the files by member, as happens at night."
)
def command(rebuild: bool, compact: bool) -> None:
    """Copy what the event log has gained into the Parquet files under CHAGUAN_HOME/columns.

    Questions do this by themselves; nothing is lost when the folder is deleted.
    """
    store = default_store()
    copied = store.rebuild() if rebuild else store.refresh()
    click.echo(f"Facts copied: {copied:,}.")
    if compact:
        click.echo(f"Facts clustered: {store.compact():,}.")
    manifest = store.manifest()
    click.echo(f"The copy holds {manifest.rows:,} facts in {len(manifest.parts)} files.")
