"""Changes of a review worked into a document: words, times, minutes, a step left out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from chaguan.playbooks.diff import proposed_version
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.errors import BadDocument, Problem
from chaguan.playbooks.reading import as_yaml, load_playbook, plain

MECHANICAL = ("text", "offset", "minutes", "purpose", "instruction", "drop")


@dataclass(frozen=True)
class Wanted:
    """One change: the step's id, the field (or `drop`), and what it becomes."""

    step: str
    field: str
    value: str = ""


def revised(document: Playbook, wanted: Sequence[Wanted]) -> Playbook:
    """The document with all changes, read as strictly as any, under its next version.

    Raises: BadDocument naming each change that does not fit (any more).
    """
    written = plain(document)
    steps = {step["id"]: step for step in written["steps"]}
    problems = []
    for change in wanted:
        if change.step not in steps:
            sentence = _("The current edition has no step “%(step)s” any more.")
            problems.append(Problem(change.step, sentence % {"step": change.step}))
        elif problem := _change(steps[change.step], change):
            problems.append(problem)
    if problems:
        raise BadDocument(problems)
    dropped = {change.step for change in wanted if change.field == "drop"}
    written["steps"] = [step for step in written["steps"] if step["id"] not in dropped]
    new = load_playbook(as_yaml(written))
    written["version"] = proposed_version(document, new)
    return load_playbook(as_yaml(written))


def _change(step: dict[str, Any], change: Wanted) -> Problem | None:
    place = f"{change.step} › {change.field}"
    value = change.value.strip()
    if change.field == "drop":
        return None
    if not value:
        return Problem(place, _("Say what it becomes."))
    if change.field == "minutes":
        if not value.isdecimal():
            return Problem(place, _("Minutes are a whole number."))
        step["minutes"] = int(value)
    elif change.field == "text":
        step.pop("script", None)  # its own words take the wording's place
        step["text"] = value
    else:
        step[change.field] = value
    return None
