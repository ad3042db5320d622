"""The shipped playbooks obey what the product asks of any playbook: types, intensity, purposes, minutes."""

from pathlib import Path

import pytest

from chaguan.playbooks.actions.library import LIBRARY
from chaguan.playbooks.document import Playbook, Step
from chaguan.playbooks.fitting import unfit_for
from chaguan.playbooks.tests.shipped import FILES, document_in
from chaguan.playbooks.types import Mode, Role

KEYS = {file.stem for file in FILES}
OPENED_BY_THE_HOUSE = {"chapter_replication_90d"}


def is_done_by_a_person(step: Step) -> bool:
    return step.actor != Role.MEMBER and (step.kind == "assign" or step.mode != Mode.AUTO)


def speaks(playbook: Playbook) -> list[Step]:
    return [step for step in playbook.steps if step.kind in ("say", "touch", "ask_check_in")]


def test_the_library_is_about_forty_playbooks_with_names_of_their_own() -> None:
    titles = [document_in(file).title for file in FILES]

    assert len(FILES) >= 40
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_playbook_breaks_no_rule_of_its_types(file: Path) -> None:
    """No refusal and no warning, but for the house that opens a chapter before it steps back."""
    playbook = document_in(file)

    faults = [fault for kind in playbook.for_ for fault in unfit_for(playbook, kind)]

    assert [fault.sentence for fault in faults if not fault.is_warning] == []
    said = [(fault.kind, fault.verdict.code) for fault in faults]
    assert said == ([("regional", "type_guard")] if playbook.key in OPENED_BY_THE_HOUSE else [])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_step_says_why_and_how_long_a_person_needs(file: Path) -> None:
    playbook = document_in(file)

    assert playbook.purpose
    assert playbook.summary
    assert playbook.licence == "Apache-2.0"
    assert [step.id for step in playbook.steps if len(step.purpose) < 5] == []
    assert [s.id for s in playbook.steps if is_done_by_a_person(s) and not s.minutes] == []
    assert [
        s.id for s in speaks(playbook) if s.mode != Mode.HUMAN and not (s.script or s.text)
    ] == []
    assert [s.id for s in playbook.steps if s.kind == "assign" and not s.instruction] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_comes_after_exists_and_fits_the_same_types(file: Path) -> None:
    playbook = document_in(file)

    for following in playbook.then:
        assert following.start in KEYS
        target = document_in(LIBRARY / "playbooks" / f"{following.start}.yaml")
        assert not target.for_ or set(playbook.for_) <= set(target.for_), following.start
        assert any(track.kind == "personal" for track in target.tracks), following.start


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_segments_of_a_shipped_playbook_are_asked_for(file: Path) -> None:
    playbook = document_in(file)
    asked = {step.audience.removeprefix("segment:") for step in playbook.steps}
    asked |= {step.when for step in playbook.steps if isinstance(step.when, str)}
    asked |= {following.who for following in playbook.then if isinstance(following.who, str)}
    for track in playbook.tracks:
        if track.entry:
            asked |= {track.entry.audience.removeprefix("segment:")}
            asked |= {track.entry.when} if isinstance(track.entry.when, str) else set()

    assert set(playbook.segments) - asked == set()
