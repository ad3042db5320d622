"""chaguan playbook: what scripts and editors rely on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.utils import translation
from jsonschema import Draft202012Validator

from chaguan.communities.testing import make_community
from chaguan.config.commands import playbook as module
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.library import LIBRARY, publish_playbook, publish_script
from chaguan.playbooks.models import Playbook, Run, Script
from chaguan.playbooks.reading import load_playbook, load_scripts, plain
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english_and_still() -> Iterator[None]:
    with translation.override("en"), clock.moved_to(NOW):
        yield


@pytest.fixture
def shipped() -> None:
    """Two playbooks of the library with all wordings: a house that has run before."""
    by = Actor.system("library")
    for sheet in (LIBRARY / "scripts").glob("*.yaml"):
        for script in load_scripts(sheet.read_text(encoding="utf-8")).scripts:
            publish_script(by, script, now=NOW, is_library=True)
    for key in ("camp_7d", "touch_plan_7d"):
        text = (LIBRARY / "playbooks" / f"{key}.yaml").read_text(encoding="utf-8")
        publish_playbook(by, text, now=NOW, is_library=True)


def run(*words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(module.command, list(words), input=text, catch_exceptions=False)


def test_list_names_every_playbook_of_the_library_with_version_and_licence() -> None:
    listed = json.loads(run("list", "--format", "json").stdout)

    files = {file.stem for file in (LIBRARY / "playbooks").glob("*.yaml")}
    assert {row["key"] for row in listed} == files
    assert all(row["licence"] and row["version"] and row["edition"] == 1 for row in listed)
    assert "camp_7d" in run("list").stdout


def test_what_is_exported_removed_and_imported_is_equal(shipped: None, tmp_path: Path) -> None:
    file = tmp_path / "camp.yaml"
    run("export", "camp_7d", "--to", str(file))
    was = Playbook.objects.select_related("current").get(key="camp_7d").current
    assert was is not None
    wordings = Script.objects.filter(uses__edition=was).distinct()
    said = {row.key: row.current.text for row in wordings.select_related("current") if row.current}
    assert len(said) > 5
    Playbook.objects.all().update(current=None)
    Playbook.objects.all().delete()
    Script.objects.all().update(current=None)
    Script.objects.all().delete()

    assert "camp_7d: edition 1" in run("import", str(file)).stdout
    again = Playbook.objects.select_related("current").get(key="camp_7d").current
    assert again is not None
    assert (again.document, again.source) == (was.document, was.source)
    now = {
        row.key: row.current.text for row in Script.objects.select_related("current") if row.current
    }
    assert now == said
    run("import", str(file))
    assert again.playbook.editions.count() == 1, "the same file twice changes nothing"


def test_an_import_does_not_change_the_words_of_other_playbooks(
    shipped: None, tmp_path: Path
) -> None:
    file = tmp_path / "camp.yaml"
    run("export", "camp_7d", "--to", str(file))
    script = Script.objects.get(key="camp_morning")
    text = file.read_text(encoding="utf-8")
    changed = text.replace("今天学：", "今天我们学：")
    assert changed != text

    with pytest.raises(Invalid, match="camp_morning"):
        run("import", "-", text=changed)
    script.refresh_from_db()
    assert script.current is not None
    assert script.current.number == 1
    run("import", "-", "--replace-wordings", text=changed)
    script.refresh_from_db()
    assert script.current is not None
    assert script.current.number == 2


def test_lint_names_file_place_and_fault_and_ends_with_one(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    text = (LIBRARY / "playbooks" / "touch_plan_7d.yaml").read_text(encoding="utf-8")
    good.write_text(text, encoding="utf-8")
    bad.write_text(text.replace("purpose:", "porpoise:", 1), encoding="utf-8")

    assert run("lint", str(good)).exit_code == 0
    found = run("lint", str(good), str(bad), "--format", "json")
    assert found.exit_code == 1
    faults = json.loads(found.stdout)
    assert {fault["file"] for fault in faults} == {str(bad)}
    assert any("porpoise" in fault["place"] for fault in faults)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x01")
    told = run("lint", str(tmp_path / "binary.yaml"))
    assert told.exit_code == 2
    assert "is not UTF-8 text" in told.output


def test_diff_says_in_words_what_changed(shipped: None, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    text = (LIBRARY / "playbooks" / "camp_7d.yaml").read_text(encoding="utf-8")
    mine.write_text(text.replace("offset: D1 08:00", "offset: D1 08:30", 1), encoding="utf-8")

    [change] = json.loads(run("diff", "camp_7d", str(mine), "--format", "json").stdout)
    assert (change["field"], change["old"], change["new"]) == ("offset", "D1 08:00", "D1 08:30")
    assert "D1 08:30" in run("diff", "camp_7d@1", str(mine)).stdout
    assert "+" in run("diff", "camp_7d", str(mine), "--format", "unified").stdout
    assert "They say the same." in run("diff", "camp_7d", "camp_7d@1").stdout


def test_preview_shows_the_dated_lines_and_leaves_nothing_behind(shipped: None) -> None:
    make_place(name="茶友会", type="newcomer")
    told = run(
        *("preview", "touch_plan_7d", "--community", "茶友会", "--start", "2026-03-12"),
        *("--format", "json"),
    )

    lines = json.loads(told.stdout)
    assert lines[0]["at"].startswith("2026-03-12T")
    assert {line["step"][:3] for line in lines} == {"TCH"}
    assert Run.objects.count() == OutboxRow.objects.count() == 0


def test_names_that_are_not_there_are_one_sentence(shipped: None) -> None:
    make_community(name="茶友会")
    with pytest.raises(Missing, match="camp_8d"):
        run("export", "camp_8d")
    with pytest.raises(Missing, match="camp_7d@9"):
        run("diff", "camp_7d@9", "camp_7d")
    assert run("export", "camp_7d@x").exit_code == 2


def test_the_schema_takes_the_library_and_refuses_what_lint_refuses() -> None:
    schema = json.loads(run("schema").stdout)
    Draft202012Validator.check_schema(schema)
    taken = Draft202012Validator(schema)

    for file in (LIBRARY / "playbooks").glob("*.yaml"):
        document = plain(load_playbook(file.read_text(encoding="utf-8")))
        assert [error.message for error in taken.iter_errors(document)] == [], file.name
    assert document["steps"]
    assert list(taken.iter_errors({**document, "porpoise": "x"}))
    wrong = {**document["steps"][0], "kind": "wait_for", "with": {"fact": 7}}
    assert list(taken.iter_errors({**document, "steps": [wrong]}))
