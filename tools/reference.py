#!/usr/bin/env python3
"""docs/reference/: what the registries and the classes of facts hold, as pages. Never edited by hand.

python tools/reference.py            write the pages
python tools/reference.py --check    fail when they are stale
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields as dataclass_fields
from inspect import getdoc
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")

import django

django.setup()

import click
from django.utils import translation

from chaguan.channels.contract import connectors, importers
from chaguan.config.cli import root
from chaguan.eventlog.contract import catalogue, subscribers
from chaguan.insights.contract import metrics
from chaguan.people.contract import conditions
from chaguan.playbooks.contract import steps
from chaguan.playbooks.selectors.schema import NAME as SCHEMA_FILE
from chaguan.playbooks.selectors.schema import playbook_schema
from chaguan.rewards.contract import rules

REFERENCE = ROOT / "docs" / "reference"
NOTE = "Written by `make reference` from the code; never edited.\n"


def first_line(thing: object) -> str:
    return (getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")


def cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def page(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """One table under one heading."""
    lines = [
        f"# {title}",
        "",
        NOTE,
        f"| {' | '.join(heads)} |",
        f"| {'--- | ' * len(heads)}".strip(),
    ]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def fact_rows() -> Iterable[Sequence[object]]:
    for name, cls in catalogue():
        if cls.__module__.startswith("chaguan.") and ".tests" not in cls.__module__:
            names = ", ".join(f"`{field.name}`" for field in dataclass_fields(cls))  # type: ignore[arg-type] # a dataclass
            personal = ", ".join(f"`{field}`" for field in cls.personal) or "none"
            yield f"`{name}`", cls.title, first_line(cls), names, personal


def subscriber_rows() -> Iterable[Sequence[object]]:
    for one in subscribers():
        wanted = "all" if one.facts is None else ", ".join(f"`{f}`" for f in sorted(one.facts))
        yield f"`{one.name}`", wanted, first_line(one.handler)


def step_rows() -> Iterable[Sequence[object]]:
    for code, kind in steps:
        names = ", ".join(f"`{field}`" for field in kind.fields.model_fields) or "none"
        yield f"`{code}`", kind.label, names, kind.speaks or "nobody", first_line(type(kind))


def metric_rows() -> Iterable[Sequence[object]]:
    for code, one in metrics:
        text = str(one.definition)
        definition = text % dict(one.windows) if one.windows else text
        yield f"`{code}`", one.label, one.unit, definition, one.denominator, ", ".join(one.columns)


def condition_rows() -> Iterable[Sequence[object]]:
    for code, one in conditions:
        blanks = ", ".join(f"`{operand.name}` ({operand.kind})" for operand in one.operands)
        yield f"`{code}`", one.label, one.sentence, blanks or "none"


def connector_rows() -> Iterable[Sequence[object]]:
    for code, one in connectors:
        limits = f"{one.limits.per_minute} a minute, {one.limits.max_chars} characters"
        twice = "delivers once" if one.is_idempotent else "is asked about"
        yield f"`{code}`", one.label, ", ".join(sorted(one.reaches)) or "none", limits, twice


def importer_rows() -> Iterable[Sequence[object]]:
    for code, one in importers:
        yield f"`{code}`", one.label, ", ".join(one.suffixes), ", ".join(one.options) or "none"


def rule_rows() -> Iterable[Sequence[object]]:
    for code, one in rules:
        yield f"`{code}`", one.title, f"`{one.on.name}`", one.points, first_line(one.amount)


def commands_page() -> str:
    """The --help of every command."""
    parts = ["# Commands", "", NOTE]
    context = click.Context(root, info_name="chaguan", help_option_names=["-h", "--help"])
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is not None:
            inner = click.Context(command, parent=context, info_name=name, terminal_width=90)
            parts += help_of(f"chaguan {name}", command, inner)
    return "\n".join(parts)


def help_of(name: str, command: click.Command, context: click.Context) -> list[str]:
    """The --help of a command, and of its subcommands after it."""
    lines = [f"## {name}", "", "```", command.get_help(context).rstrip(), "```", ""]
    for inner in getattr(command, "commands", {}).values():
        below = click.Context(inner, parent=context, info_name=inner.name, terminal_width=90)
        lines += help_of(f"{name} {inner.name}", inner, below)
    return lines


def pages() -> dict[str, str]:
    """Every page by its file name."""
    tables: dict[str, tuple[str, Sequence[str], Iterable[Sequence[Any]]]] = {
        "facts": ("Facts", ("Name", "Title", "Meaning", "Fields", "Personal"), fact_rows()),
        "subscribers": ("Subscribers", ("Name", "Reads", "Does"), subscriber_rows()),
        "steps": ("Step kinds", ("Code", "Label", "Fields", "Speaks to", "Does"), step_rows()),
        "metrics": (
            "Metrics",
            ("Code", "Label", "Unit", "Definition", "Denominator", "Columns"),
            metric_rows(),
        ),
        "conditions": ("Conditions", ("Code", "Label", "Sentence", "Blanks"), condition_rows()),
        "connectors": (
            "Connectors",
            ("Code", "Label", "Delivers", "Limits", "The same key twice"),
            connector_rows(),
        ),
        "import-formats": (
            "Import formats",
            ("Code", "Label", "Files", "Options"),
            importer_rows(),
        ),
        "reward-rules": ("Reward rules", ("Code", "Title", "On", "Points", "Rule"), rule_rows()),
    }
    with translation.override("en"):
        written = {f"{name}.md": page(*table) for name, table in tables.items()}
        schema = json.dumps(playbook_schema(), ensure_ascii=False, indent=2) + "\n"
        return {**written, "commands.md": commands_page(), SCHEMA_FILE: schema}


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        stale = [
            name
            for name, text in pages().items()
            if not (REFERENCE / name).exists()
            or (REFERENCE / name).read_text(encoding="utf-8") != text
        ]
        for name in stale:
            print(f"docs/reference/{name} is stale; run `make reference`.", file=sys.stderr)
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    print(f"{len(pages())} pages written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
