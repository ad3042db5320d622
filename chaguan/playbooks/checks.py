"""What only the database can tell about a document: conditions that compile, wordings that exist."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from chaguan.kernel.errors import Invalid
from chaguan.people.contract import Asking
from chaguan.people.selectors.segments import members_matching
from chaguan.playbooks.contract import speaks_to
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.document import Script as ScriptDocument
from chaguan.playbooks.errors import Problem
from chaguan.playbooks.models import Script, ScriptVersion
from chaguan.playbooks.selectors.library import where_used
from chaguan.playbooks.wording import PERSONAL_VARIABLES, personal_in_room, variables_in


def tree_problems(document: Playbook, now: datetime) -> Iterator[Problem]:
    """Conditions that say nothing sensible."""
    asking = Asking(now, community_ids=None, here=0)
    trees = [(f"segments › {name}", tree) for name, tree in document.segments.items()]
    trees += [
        (f"steps › {step.id} › when", step.when)
        for step in document.steps
        if isinstance(step.when, dict)
    ]
    trees += [
        (f"tracks › {track.key} › entry › when", track.entry.when)
        for track in document.tracks
        if track.entry and isinstance(track.entry.when, dict)
    ]
    trees += [
        (f"then › {number} › who", line.who)
        for number, line in enumerate(document.then, 1)
        if isinstance(line.who, dict)
    ]
    for place, tree in trees:
        try:
            members_matching(tree, asking)
        except Invalid as wrong:
            yield Problem(place, str(wrong))


def scripts_of(document: Playbook) -> dict[str, Script]:
    """The wordings the steps name, with what they say now. One statement."""
    keys = {step.script for step in document.steps if step.script}
    rows = Script.objects.filter(key__in=keys).select_related("current")
    return {script.key: script for script in rows}


def script_problems(document: Playbook, scripts: Mapping[str, Script]) -> Iterator[Problem]:
    """Wordings that are missing, lack a value, or name one member to a room."""
    for step in document.steps:
        if not step.script:
            continue
        place = f"steps › {step.id} › script"
        script = scripts.get(step.script)
        if script is None or script.current is None:
            sentence = _("There is no wording “%(key)s”.") % {"key": step.script}
            yield Problem(place, sentence)
            continue
        if speaks_to(step.kind, step.audience) == "room":
            yield from _personal_words(place, script.current)
        for name, known in script.current.variables.items():
            given = name in step.values or name in document.variables
            if not given and known.get("default") is None:
                sentence = _("The wording needs “%(name)s”; give it under values or variables.")
                yield Problem(place, sentence % {"name": name})


def _personal_words(place: str, version: ScriptVersion) -> Iterator[Problem]:
    """A room does not hear one member's name."""
    used = set().union(*(variables_in(text) for text in (version.text, *version.variants)))
    for name in sorted(used & PERSONAL_VARIABLES):
        yield Problem(place, personal_in_room(name))


def missing_values(script_id: int, script: ScriptDocument) -> Iterator[Problem]:
    """Steps of running and current editions that say the wording and lack a value its new text needs.

    Their messages would have no text. One statement when a variable has no default, else none.
    """
    needed = {name for name, known in script.variables.items() if known.default is None}
    for step in where_used(script_id) if needed else ():
        document = Playbook.model_validate(step.edition.document)
        filled = set(document.variables) | set(document.step(step.code).values)
        for name in sorted(needed - filled):
            sentence = _(
                "“%(playbook)s” says this wording in step %(step)s without this value; give it a default."
            )
            said = {"playbook": document.title, "step": step.code}
            yield Problem(f"scripts › {script.key} › variables › {name}", sentence % said)
