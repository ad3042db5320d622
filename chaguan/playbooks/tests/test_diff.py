from typing import Any

import pytest
import yaml

from chaguan.playbooks.diff import Change, diff, proposed_version, sentence, unified
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.reading import load_playbook
from chaguan.playbooks.testing import make_document, make_step


def document(*steps: Any, **over: Any) -> Playbook:
    return load_playbook(yaml.safe_dump(make_document(*steps, **over), allow_unicode=True))


def test_the_same_document_has_no_difference() -> None:
    assert diff(document(), document()) == []
    assert unified(document(), document()) == ""


def test_a_step_is_added_removed_moved_and_changed() -> None:
    old = document(make_step(id="A-1"), make_step(id="A-2", title="旧"), make_step(id="A-3"))
    new = document(
        make_step(id="A-1", offset="D2 10:00", text="早，各位"),
        make_step(id="A-3", track="person", audience="person", kind="touch"),
        make_step(id="A-4", title="新"),
    )

    changes = diff(old, new)

    assert [(c.what, c.key, c.field, c.old, c.new) for c in changes[:5]] == [
        ("moved", "A-1", "offset", "D1 10:00", "D2 10:00"),
        ("changed", "A-1", "text", "早安，{{ community_name }}", "早，各位"),
        ("moved", "A-3", "track", None, "person"),
        ("changed", "A-3", "kind", "say", "touch"),
        ("changed", "A-3", "audience", None, "person"),
    ]
    assert [(c.what, c.key) for c in changes[5:]] == [("added", "A-4"), ("removed", "A-2")]


def test_order_alone_is_one_change() -> None:
    one, two = make_step(id="A-1"), make_step(id="A-2")

    changes = diff(document(one, two), document(two, one))

    order = Change("changed", "steps", "", "", "order", ["A-1", "A-2"], ["A-2", "A-1"])
    assert changes == [order]


def test_head_variables_and_segments_are_compared() -> None:
    old = document(variables={"gift": {"label": "礼物", "example": "茶样"}}, days=7)
    new = document(
        variables={"gift": {"label": "礼物", "example": "茶杯"}},
        segments={"quiet": {"condition": "quiet_for", "days": 7}},
        days=8,
    )

    found = {(c.part, c.key, c.field, c.what) for c in diff(old, new)}

    assert found == {
        ("head", "", "days", "changed"),
        ("variables", "gift", "example", "changed"),
        ("segments", "quiet", "", "added"),
    }


@pytest.mark.parametrize(
    ("change", "version"),
    [
        ({}, "1.0.0"),
        ({"purpose": "换个说法"}, "1.0.1"),
        ({"steps": [make_step(text="换句话")]}, "1.0.1"),
        ({"steps": [make_step(offset="D2 10:00")]}, "1.1.0"),
        ({"steps": [make_step(), make_step(id="A-2")]}, "1.1.0"),
        ({"days": 9}, "2.0.0"),
        ({"variables": {"gift": {"label": "礼物"}}}, "2.0.0"),
        ({"variables": {"gift": {"label": "礼物", "default": "茶"}}}, "1.1.0"),
        ({"version": "3.0.0"}, "3.0.0"),
    ],
)
def test_the_next_version_says_how_much_changed(change: dict[str, Any], version: str) -> None:
    assert proposed_version(document(), document(**change)) == version


def test_changes_are_said_in_words() -> None:
    old, new = document(), document(make_step(offset="D2 10:00", promotion=True))

    assert [sentence(change) for change in diff(old, new)] == [
        "步骤 A-1“早安”从 D1 10:00 改到 D2 10:00。",
        "步骤 A-1“早安”的推广现在是：是。",
    ]


def test_unified_shows_the_lines() -> None:
    text = unified(document(), document(make_step(offset="D2 10:00"), version="1.1.0"))

    assert text.splitlines()[:2] == ["--- small 1.0.0", "+++ small 1.1.0"]
    assert "-  offset: D1 10:00" in text
    assert "+  offset: D2 10:00" in text
