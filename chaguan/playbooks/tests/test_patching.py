import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaguan.playbooks.actions.library import LIBRARY
from chaguan.playbooks.patching import patched
from chaguan.playbooks.reading import written

FILES = sorted((LIBRARY / "playbooks").glob("*.yaml"))
TEXT = """\
# who wrote this and why
key: small
title: 小剧本  # a good name
steps:
  # the first morning
  - id: A-1
    title: 早安
    text: |
      早，各位
      # 今日话题
    offset: D1 10:00  # after breakfast

  # the second
  - {id: A-2, title: 晚安, offset: D1 22:00}
tracks:
- key: room
  title: 群里
# the end
"""


def change(*path: Any, to: Any) -> str:
    old = written(TEXT)
    new = copy.deepcopy(old)
    here = new
    for part in path[:-1]:
        here = here[part]
    if to is None:
        del here[path[-1]]
    else:
        here[path[-1]] = to
    result = patched(TEXT, old, new)
    assert written(result) == new
    return result


def lines_changed(result: str) -> tuple[set[str], set[str]]:
    before, after = set(TEXT.splitlines()), set(result.splitlines())
    return before - after, after - before


def test_one_field_of_one_step_changes_one_line() -> None:
    assert lines_changed(change("steps", 0, "title", to="大家早")) == (
        {"    title: 早安"},
        {"    title: 大家早"},
    )


def test_a_new_field_stands_where_the_format_puts_it() -> None:
    lines = change("steps", 0, "promotion", to=True).splitlines()

    assert (
        lines[lines.index("    offset: D1 10:00  # after breakfast") + 1] == "    promotion: true"
    )


def test_a_field_is_taken_away_with_its_lines_only() -> None:
    gone, came = lines_changed(change("steps", 0, "text", to=None))

    assert gone == {"    text: |", "      早，各位", "      # 今日话题"}
    assert came == set()


def test_a_text_of_several_lines_is_replaced_whole() -> None:
    gone, came = lines_changed(change("steps", 0, "text", to="早\n\n- 茶\n"))

    assert gone == {"      早，各位", "      # 今日话题"}
    assert came == {"      早", "      - 茶"}


def test_a_step_in_one_line_is_written_out() -> None:
    assert "  - id: A-2\n    title: 好梦\n" in change("steps", 1, "title", to="好梦")


def test_steps_keep_their_lines_when_others_come_go_or_move() -> None:
    one, two = written(TEXT)["steps"]

    moved = change("steps", to=[two, {"id": "A-3", "title": "新"}, one])

    assert "    offset: D1 10:00  # after breakfast\n" in moved
    assert "  - {id: A-2, title: 晚安, offset: D1 22:00}\n  - id: A-3\n    title: 新\n" in moved
    assert moved.endswith("# the end\n")


def test_the_head_keeps_its_comments() -> None:
    assert lines_changed(change("title", to="大剧本")) == (
        {"title: 小剧本  # a good name"},
        {"title: 大剧本"},
    )


@pytest.mark.parametrize(
    "text", ["{key: a, steps: [{id: x}, {id: y}]}", "key: a\nsteps: [{id: x}]"]
)
def test_odd_layouts_are_written_anew(text: str) -> None:
    old = written(text)
    new = {**old, "steps": [{"id": "z", "title": "#: - '"}]}

    assert written(patched(text, old, new)) == new


values = st.one_of(
    st.text(max_size=20).filter(lambda t: t.isprintable()),
    st.sampled_from(["true", "0", "null", "08:00", "- a", "a: b", "# c", "a\n\nb\n", "'", " x "]),
    st.integers(0, 99),
    st.booleans(),
    st.dictionaries(st.sampled_from("ab"), st.text("xy: #-", max_size=6), min_size=1),
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_whatever_changes_is_read_back_exactly(file: Path, draws: st.DataObject) -> None:
    text = file.read_text(encoding="utf-8")
    old = written(text)
    new = copy.deepcopy(old)
    for _change in range(draws.draw(st.integers(1, 4))):
        part = draws.draw(st.sampled_from([new, *new["steps"], *new["tracks"]]))
        field = draws.draw(st.sampled_from(["title", "text", "purpose", "with", "minutes", "days"]))
        part[field] = draws.draw(values)
    if draws.draw(st.booleans()):
        new["steps"] = draws.draw(st.permutations(new["steps"]))[1:]

    assert written(patched(text, old, new)) == new
