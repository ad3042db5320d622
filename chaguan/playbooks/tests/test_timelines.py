"""Every timeline of the library's catalogue fits the format: stored, loaded and shown without loss."""

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaguan.playbooks.actions.library import publish_playbook
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.catalogue import forget
from chaguan.playbooks.models import Edition
from chaguan.playbooks.offsets import parse_offset
from chaguan.playbooks.reading import dump, load_playbook
from chaguan.playbooks.selectors.library import edition_board
from chaguan.playbooks.testing import MONDAY, SYSTEM, make_document
from chaguan.playbooks.types import Mode

TIMELINES: dict[str, list[dict[str, str]]] = defaultdict(list)
with (Path(__file__).parent / "timelines.csv").open(encoding="utf-8") as _file:
    for _row in csv.DictReader(_file):
        TIMELINES[_row["playbook"]].append(_row)


def as_step(row: dict[str, str]) -> dict[str, Any]:
    bases = parse_offset(row["offset"]).bases
    is_for_one = row["audience"] in ("person", "newcomer") or ":" in row["audience"]
    step = {
        "id": row["step"],
        "title": row["step"],
        "track": "person" if bases & {"P", "J"} else "room",
        "offset": row["offset"],
        "actor": row["actor"],
        "audience": row["audience"],
        "mode": row["mode"],
        "purpose": "目的",
        "needs": "以后的功能",
    }
    if row["mode"] == Mode.HUMAN or row["actor"] != "system":
        return step | {"kind": "assign", "instruction": "怎么做"}
    return step | {"kind": "touch" if is_for_one else "say", "text": "内容"}


def as_text(key: str) -> str:
    steps = [as_step(row) for row in TIMELINES[key]]
    has_event = any("E" in parse_offset(step["offset"]).bases for step in steps)
    document = make_document(*steps, key=key, anchor="event" if has_event else "run_start")
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def test_the_catalogue_is_whole() -> None:
    assert len(TIMELINES) == 18
    assert sum(len(rows) for rows in TIMELINES.values()) == 270


@pytest.mark.req("SOP-01")
@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(TIMELINES))
def test_a_timeline_is_stored_loaded_and_shown_without_loss(key: str) -> None:
    forget()
    source = as_text(key)
    document = load_playbook(source)

    edition = publish_playbook(SYSTEM, source, now=MONDAY)

    stored = Edition.objects.get(pk=edition.pk)
    assert load_playbook(dump(document)) == document
    assert Playbook.model_validate(stored.document) == document
    assert (stored.source, load_playbook(stored.source)) == (source, document)
    shown = {
        (card.row.code, card.step.offset, card.row.actor, card.row.audience, card.row.mode)
        for lane in edition_board(stored).lanes
        for cell in lane.cells
        for card in cell
    }
    assert shown == {
        (row["step"], row["offset"], row["actor"], row["audience"], row["mode"])
        for row in TIMELINES[key]
    }
