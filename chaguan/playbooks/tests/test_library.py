from pathlib import Path

import pytest

from chaguan.playbooks.actions.library import LIBRARY, load_library
from chaguan.playbooks.contract import steps
from chaguan.playbooks.engine.catalogue import forget
from chaguan.playbooks.models import Edition, Playbook, Script, ScriptVersion
from chaguan.playbooks.reading import dump, load_playbook, load_scripts, plain
from chaguan.playbooks.testing import MONDAY, SYSTEM

FILES = sorted((LIBRARY / "playbooks").glob("*.yaml"))
SHEETS = sorted((LIBRARY / "scripts").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_library_playbook_reads_and_writes_without_loss(file: Path) -> None:
    document = load_playbook(file.read_text(encoding="utf-8"))

    assert document.key == file.stem
    assert load_playbook(dump(document)) == document
    assert plain(load_playbook(dump(document))) == plain(document)


@pytest.mark.parametrize("file", SHEETS, ids=lambda file: file.stem)
def test_library_script_sheet_reads_and_writes_without_loss(file: Path) -> None:
    sheet = load_scripts(file.read_text(encoding="utf-8"))

    assert load_scripts(dump(sheet)) == sheet


@pytest.mark.django_db
def test_loading_the_library_twice_changes_nothing() -> None:
    forget()
    loaded = load_library(SYSTEM, now=MONDAY)
    before = (Playbook.objects.count(), Edition.objects.count(), ScriptVersion.objects.count())

    again = load_library(SYSTEM, now=MONDAY)

    assert again == 0
    assert loaded == before[1] + before[2]
    assert before[:2] == (len(FILES), len(FILES))
    assert (
        Playbook.objects.count(),
        Edition.objects.count(),
        ScriptVersion.objects.count(),
    ) == before
    assert Script.objects.filter(is_library=True, current__isnull=False).count() == before[2]


def test_step_kinds_are_those_of_the_format() -> None:
    kinds = ["ask_check_in", "assign", "publish", "say", "set_stage", "tag", "touch", "wait_for"]
    assert [code for code, _kind in steps] == kinds
