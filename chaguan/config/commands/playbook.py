"""chaguan playbook: list, lint, diff, preview, export, import playbooks, and the schema for editors."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from chaguan.communities.selectors.audiences import settings_of
from chaguan.insights.selectors.finding import community_named
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.actions.portability import export_edition, import_playbook
from chaguan.playbooks.actions.preview import PreviewLine, preview_run
from chaguan.playbooks.actions.runs import Start
from chaguan.playbooks.diff import diff, sentence, unified
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.errors import BadDocument, Problem
from chaguan.playbooks.reading import load_playbook, load_scripts
from chaguan.playbooks.selectors.library import (
    document_in,
    editions_visible_to,
    playbooks_visible_to,
)
from chaguan.playbooks.selectors.schema import playbook_schema

CALLER = Actor.system("command line")
DATE = click.DateTime(formats=["%Y-%m-%d"])
FILE = click.Path(path_type=Path, allow_dash=True)
FAULTY = 1  # exit code of lint when a file has faults
FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)


@click.group(
    epilog="Example: chaguan playbook preview touch_plan_7d --community 茶友会 --start 2026-12-01",
    short_help="List, lint, diff, preview, export and import playbooks.",
)
def command() -> None:
    """Playbooks (剧本) as plain files. Each subcommand has its own --help with an example."""


@command.command("list", epilog="Example: chaguan playbook list --format json")
@FORMAT
def list_(form: str) -> None:
    """List the playbooks of this house with their editions and open runs."""
    ensure_library()
    rows = []
    for playbook in playbooks_visible_to(CALLER):
        edition = playbook.current
        if edition is None:
            continue
        document = document_in(edition)
        rows.append(
            {
                "key": playbook.key,
                "title": playbook.title,
                "types": playbook.types,
                "edition": edition.number,
                "version": edition.version,
                "licence": document.licence,
                "steps": len(document.steps),
                "needs": sorted({step.needs for step in document.steps if step.needs}),
                "open_runs": getattr(playbook, "open_runs", 0),
            }
        )
    short = [{**row, "needs": len(row["needs"])} for row in rows]
    show(rows if form == "json" else short, form)


@command.command(epilog="Example: chaguan playbook lint my_camp.yaml")
@click.argument("files", nargs=-1, required=True, type=FILE)
@FORMAT
def lint(files: Sequence[Path], form: str) -> None:
    """Check FILES (- for standard input): each fault with its place. Exit code 1 when there are any."""
    found: list[dict[str, Any]] = []
    for file in files:
        for problem in faults_of(text_of(file)):
            found.append({"file": str(file), "place": problem.place, "says": problem.sentence})
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for fault in found:
            click.echo(" ".join(f"{fault['file']}: {fault['place']}: {fault['says']}".split()))
        click.echo(
            _("%(count)d faults in %(files)d files.") % {"count": len(found), "files": len(files)}
        )
    if found:
        click.get_current_context().exit(FAULTY)


@command.command("diff", epilog="Example: chaguan playbook diff camp_7d@1 my_camp.yaml")
@click.argument("old")
@click.argument("new")
@click.option("--format", "form", type=click.Choice(["words", "unified", "json"]), default="words")
def diff_(old: str, new: str, form: str) -> None:
    """Say what OLD and NEW differ in. Each is a file, KEY (the current edition) or KEY@NUMBER."""
    was, now = document_named(old), document_named(new)
    if form == "unified":
        click.echo(unified(was, now))
        return
    changes = diff(was, now)
    if form == "json":
        rows = [{**vars(change), "says": sentence(change)} for change in changes]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        return
    for change in changes:
        click.echo(sentence(change))
    if not changes:
        click.echo(_("They say the same."))


@command.command(
    epilog="Example: chaguan playbook preview touch_plan_7d --community 茶友会 --start 2026-12-01"
)
@click.argument("key")
@click.option("--community", required=True, help="Its name.")
@click.option("--start", type=DATE, help="D1, YYYY-MM-DD. Default: today in the community's zone.")
@click.option("--event", type=click.DateTime(formats=["%Y-%m-%dT%H:%M"]), help="E, local time.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 400))
@FORMAT
def preview(
    key: str, community: str, start: datetime | None, event: datetime | None, days: int, form: str
) -> None:
    """Show what KEY would send in a community, to how many, when, and what would be held. Nothing stays."""
    community_id = community_named(CALLER, community)
    zone = ZoneInfo(str(settings_of({community_id})[community_id].get("timezone", "Asia/Shanghai")))
    now = clock.now()
    first: date = start.date() if start else now.astimezone(zone).date()
    asked = Start(first, event_at=event.replace(tzinfo=zone) if event else None)
    if start:  # played from its first midnight on, so that earlier today is not late
        now = max(now, datetime.combine(first, time(), tzinfo=zone))
    found = preview_run(CALLER, edition_of(key).pk, community_id, asked, now=now, days=days)
    show([line_of(line, zone) for line in found.lines], form)
    if found.missing_roles or found.missing_values:
        absent = ", ".join([*found.missing_roles, *found.missing_values])
        click.echo(_("Still missing before it can start: %(what)s") % {"what": absent}, err=True)


@command.command("export", epilog="Example: chaguan playbook export camp_7d --to camp_7d.yaml")
@click.argument("key")
@click.option("--to", type=FILE, help="File to write; standard output unless given.")
@click.option("--without-wordings", is_flag=True, help="Only the playbook's own text.")
def export(key: str, to: Path | None, without_wordings: bool) -> None:
    """Write KEY (or KEY@NUMBER) and the wordings it uses as plain YAML."""
    text = export_edition(CALLER, edition_of(key).pk, with_wordings=not without_wordings)
    if to is None or str(to) == "-":
        click.echo(text, nl=False)
        return
    to.write_text(text, encoding="utf-8")
    click.echo(_("Written to %(file)s.") % {"file": to})


@command.command("import", epilog="Example: chaguan playbook import camp_7d.yaml")
@click.argument("file", type=FILE)
@click.option(
    "--replace-wordings", is_flag=True, help="Change wordings that say something else here."
)
def import_(file: Path, replace_wordings: bool) -> None:
    """Take in a playbook from FILE (- for standard input); the same file twice changes nothing."""
    edition = import_playbook(
        CALLER, text_of(file), now=clock.now(), replace_wordings=replace_wordings
    )
    said = {"key": edition.playbook.key, "number": edition.number, "version": edition.version}
    click.echo(_("%(key)s: edition %(number)d, version %(version)s.") % said)


@command.command(epilog="Example: chaguan playbook schema > playbook.schema.json")
def schema() -> None:
    """Print the JSON Schema of a playbook, for editors that complete and check YAML."""
    click.echo(json.dumps(playbook_schema(), ensure_ascii=False, indent=2))


def ensure_library() -> None:
    """`chaguan serve` brings the library in; a house that never ran has it from here."""
    if not playbooks_visible_to(CALLER).exists():
        load_library(CALLER, now=clock.now())


def text_of(file: Path) -> str:
    """The file's text. Refuses what is not there and what is not UTF-8 in one sentence."""
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is not UTF-8 text.") from None


def faults_of(text: str) -> list[Problem]:
    """Everything that is wrong with one file of wordings or of a playbook."""
    try:
        load_scripts(text) if "chaguan-scripts/" in text[:4000] else load_playbook(text)
    except BadDocument as error:
        return error.problems
    return []


def edition_of(name: str) -> Any:
    """The edition that KEY or KEY@NUMBER names; Missing in one sentence."""
    key, _at, number = name.partition("@")
    if number and not number.isdigit():
        raise click.UsageError(f"{name!r}: write KEY@NUMBER with a number, as in camp_7d@2.")
    ensure_library()
    rows = editions_visible_to(CALLER).filter(playbook__key=key)
    if number:
        rows = rows.filter(number=int(number))
    if not number and (playbook := playbooks_visible_to(CALLER).filter(key=key).first()):
        return playbook.current
    edition = rows.first()
    if edition is None:
        raise Missing(
            _("There is no playbook %(name)s; `chaguan playbook list` shows them.")
            % {"name": repr(name)}
        )
    return edition


def document_named(name: str) -> Playbook:
    """A file's document, or that of an edition."""
    file = Path(name)
    return load_playbook(text_of(file)) if file.is_file() else document_in(edition_of(name))


def line_of(line: PreviewLine, zone: ZoneInfo) -> dict[str, Any]:
    """One line of the timeline as plain values."""
    return {
        "at": line.at.astimezone(zone).isoformat(timespec="minutes"),
        "step": line.step,
        "title": line.title,
        "track": line.track,
        "kind": line.kind,
        "state": line.state,
        "recipients": line.recipients,
        "held_for": list(line.held_for),
        "reason": line.reason,
        "minutes": line.minutes,
        "text": line.text,
    }


def show(rows: Iterable[Mapping[str, Any]], form: str) -> None:
    """Rows as JSON, or as a table of their first words."""
    listed = list(rows)
    if form == "json":
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    table = Table()
    for name in listed[0] if listed else ():
        table.add_column(name, no_wrap=name in ("key", "at", "step"), overflow="fold")
    for row in listed:
        table.add_row(*(cell(value) for value in row.values()))
    Console().print(table)


def cell(value: Any) -> str:
    """A value for a table: lists joined, texts cut at the first line."""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value).partition("\n")[0][:60]
