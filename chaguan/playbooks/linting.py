"""What is wrong in the text of a draft, each with its place and line. Reading is kept per text.

The same faults as `load_playbook`; the text need not be a playbook yet, nor YAML.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml
from django.utils.translation import get_language

from chaguan.playbooks.document import Playbook
from chaguan.playbooks.editing import Values
from chaguan.playbooks.errors import BadDocument, Problem
from chaguan.playbooks.reading import load_playbook, tree_of, written

LINE = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Fault:
    """One thing wrong: where, in one sentence, in which line; `step` is the id of the step it is in.

    What `is_blocking` keeps the draft from being published.
    """

    place: str
    sentence: str
    line: int
    step: str = ""
    is_blocking: bool = True

    @property
    def field(self) -> str:
        """The field of the step: `offset` of `steps › TCH-01 › offset`."""
        parts = self.place.split(" › ")
        return parts[2] if len(parts) > 2 else ""


@dataclass(frozen=True)
class Reading:
    """What a text says: plain values if it is YAML, a document if nothing at all is wrong with it."""

    text: str
    values: Values | None
    document: Playbook | None
    problems: Sequence[Problem]

    def faults(self, problems: Sequence[Problem], *, is_blocking: bool = True) -> list[Fault]:
        """The problems with their lines."""
        root = _tree(self.text) if self.values is not None else None
        return [
            Fault(p.place, p.sentence, _line(root, p.place), _step(p.place), is_blocking)
            for p in problems
        ]


def read(text: str) -> Reading:
    """Read a draft's text. Never raises."""
    return _read(text, get_language() or "")


@lru_cache(maxsize=64)
def _read(text: str, language: str) -> Reading:
    try:
        values = written(text)
    except BadDocument as error:
        return Reading(text, None, None, error.problems)
    try:
        return Reading(text, values, load_playbook(text), ())
    except BadDocument as error:
        return Reading(text, values, None, error.problems)


@lru_cache(maxsize=16)
def _tree(text: str) -> yaml.Node:
    return tree_of(text)


def _step(place: str) -> str:
    parts = place.split(" › ")
    return parts[1] if parts[0] == "steps" and len(parts) > 1 else ""


def _line(root: yaml.Node | None, place: str) -> int:
    """The line of a place; of the nearest part above it that exists. YAML's own faults say theirs."""
    if root is None:
        match = LINE.search(place)
        return int(match[1]) if match else 1
    line, node = 1, root
    for name in filter(None, place.split(" › ")):
        found = _inside(node, name)
        if found is None:
            break
        line, node = found
    return line


def _inside(node: Any, name: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode):
        for number, entry in enumerate(node.value, 1):
            named = {k.value: v.value for k, v in getattr(entry, "value", ()) if k.value in _NAMES}
            if name in (named.get("id"), named.get("key")) or name == str(number):
                return entry.start_mark.line + 1, entry
    return None


_NAMES = ("id", "key")
