"""The shipped library for tests: its files, and one playbook published with just the wordings it says."""

from functools import cache
from pathlib import Path

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
