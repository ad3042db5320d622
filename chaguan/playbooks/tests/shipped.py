"""The shipped library for tests: its files, and one playbook published with just the wordings it says."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from chaguan.people.models import Member, MemberTag, Tag
from chaguan.playbooks.actions.library import LIBRARY, publish_playbook, publish_script
from chaguan.playbooks.document import Playbook, Script
from chaguan.playbooks.engine.catalogue import forget
from chaguan.playbooks.models import Edition
from chaguan.playbooks.reading import load_playbook, load_scripts
from chaguan.playbooks.testing import MONDAY, SYSTEM

FILES = sorted((LIBRARY / "playbooks").glob("*.yaml"))
SHEETS = sorted((LIBRARY / "scripts").glob("*.yaml"))


@cache
def document_in(file: Path) -> Playbook:
    return load_playbook(file.read_text(encoding="utf-8"))


@cache
def wordings() -> dict[str, Script]:
    """Every shipped wording by its key."""
    sheets = [load_scripts(file.read_text(encoding="utf-8")) for file in SHEETS]
    return {script.key: script for sheet in sheets for script in sheet.scripts}


def published(file: Path) -> Edition:
    """Publish this playbook and nothing else of the library."""
    forget()
    said = {step.script for step in document_in(file).steps if step.script}
    for key in sorted(said):
        publish_script(SYSTEM, wordings()[key], now=MONDAY, is_library=True)
    source = file.read_text(encoding="utf-8")
    return publish_playbook(SYSTEM, source, now=MONDAY, is_library=True)


def suit(document: Playbook, member: Member) -> None:
    """Give a member the stage and the tags that the entries of the tracks ask for."""
    audiences = [track.entry.audience for track in document.tracks if track.entry]
    for name in (audience.removeprefix("segment:") for audience in audiences if ":" in audience):
        for leaf in _leaves(document.segments[name]):
            if "stages" in leaf:
                Member.objects.filter(pk=member.pk).update(stage=leaf["stages"][0])
            if "tag" in leaf:
                tag, _new = Tag.objects.get_or_create(name=leaf["tag"])
                MemberTag.objects.create(member=member, tag=tag, at=MONDAY, by="system")


def _leaves(tree: Any) -> Iterator[dict[str, Any]]:
    if "condition" in tree:
        yield tree
    for inner in [*tree.get("all", ()), *tree.get("any", ())]:
        yield from _leaves(inner)
