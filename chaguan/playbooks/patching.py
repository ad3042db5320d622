"""Changing a YAML text where its values changed and nowhere else: comments and layout stay.

`patched` takes the text, what it says and what it is to say. The result is read back; should it not say
exactly that, the whole document is written anew.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import yaml

from chaguan.playbooks.document import Playbook, Step
from chaguan.playbooks.document_parts import Phase, Track
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.reading import as_yaml, tree_of, written

Values = dict[str, Any]


def _names(form: Any) -> list[str]:
    return [field.alias or name for name, field in form.model_fields.items()]


ORDERS = {
    "": _names(Playbook),
    "steps": _names(Step),
    "tracks": _names(Track),
    "phases": _names(Phase),
}


def patched(text: str, old: Values, new: Values) -> str:
    """The text that says `new`, changed as little as possible. `old` is what `text` says now."""
    if old == new:
        return text
    try:
        result = _mapping(text, old, new, ORDERS[""])
        if written(result) == new:
            return result
    except (BadDocument, _TooOdd, LookupError, ValueError, StopIteration, yaml.YAMLError):
        pass
    return as_yaml(new)


class _TooOdd(Exception):
    """The text is laid out in a way that lines alone cannot change."""


def _mapping(text: str, old: Values, new: Values, order: Sequence[str]) -> str:
    """A block mapping at the left edge with the keys that differ replaced, added or taken away."""
    for key in [*new, *(key for key in old if key not in new)]:
        if old.get(key) == new.get(key) and (key in old) == (key in new):
            continue
        if key not in new:
            text = _without(text, key)
        elif key not in old:
            text = _with(text, key, new[key], order)
        elif _are_items(old[key]) and _are_items(new[key]):
            text = _items(text, key, old[key], new[key])
        else:
            text = _replaced(text, key, as_yaml({key: new[key]}))
    return text


def _items(text: str, key: str, old: Sequence[Values], new: Sequence[Values]) -> str:
    """A list of parts with names: parts that stay keep their lines, wherever they stand now."""
    node = _value(text, key)
    lines = text.splitlines(keepends=True)
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or len(node.value) != len(old):
        raise _TooOdd
    dashes = [item.start_mark.line for item in node.value]
    if len(set(dashes)) != len(dashes) or dashes[0] == _key_line(text, key):
        raise _TooOdd
    dash = lines[dashes[0]].index("-")
    ends = [_trimmed(lines, a, z, dash) for a, z in pairwise([*dashes, _end(text, key)])]
    starts = [_key_line(text, key) + 1, *ends[:-1]]  # comments above a part go with it
    blocks = {
        _name(entry): (_dedented(lines[a:at], dash), _dedented(lines[at:z], dash))
        for entry, a, at, z in zip(old, starts, dashes, ends, strict=True)
    }
    entries = {_name(entry): entry for entry in old}
    body = ""
    for entry in new:
        above, block = blocks.get(_name(entry), ("", ""))
        block = _item(block, entries.get(_name(entry)), entry, ORDERS.get(key, []))
        body += _indented(above + block, dash)
    return "".join([*lines[: starts[0]], body, *lines[ends[-1] :]])


def _item(block: str, old: Values | None, new: Values, order: Sequence[str]) -> str:
    if old == new:
        return block
    if old is None or not block.startswith("- ") or block.startswith("- {"):
        return as_yaml([new])
    lines = ["  " + block[2:].split("\n", 1)[0] + "\n", *block.splitlines(True)[1:]]
    if any(line.strip() and not line.startswith("  ") for line in lines):
        return as_yaml([new])
    flat = _dedented(lines, 2)
    changed = _mapping(flat, old, new, order)
    return "- " + _indented(changed, 2)[2:]


def _replaced(text: str, key: str, by: str) -> str:
    lines = text.splitlines(keepends=True)
    start = _key_line(text, key)
    return "".join([*lines[:start], by, *lines[_trimmed(lines, start, _end(text, key), 0) :]])


def _without(text: str, key: str) -> str:
    return _replaced(text, key, "")


def _with(text: str, key: str, value: Any, order: Sequence[str]) -> str:
    """The key behind the last one that comes before it in the format."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    names = [str(name.value) for name, _value in _root(text).value]
    before = [n for n in names if n in order and key in order and order.index(n) < order.index(key)]
    after = before[-1] if before else names[-1]
    at = _trimmed(lines, _key_line(text, after), _end(text, after), 0)
    return "".join([*lines[:at], as_yaml({key: value}), *lines[at:]])


@lru_cache(maxsize=16)  # one change asks four times for one text
def _root(text: str) -> yaml.MappingNode:
    node = tree_of(text)
    columns = {name.start_mark.column for name, _value in node.value}
    if node.flow_style or columns != {0}:
        raise _TooOdd
    return node


def _value(text: str, key: str) -> yaml.Node:
    found: yaml.Node = next(value for name, value in _root(text).value if name.value == key)
    return found


def _key_line(text: str, key: str) -> int:
    return int(next(name.start_mark.line for name, _v in _root(text).value if name.value == key))


def _end(text: str, key: str) -> int:
    """The line after the key's value: where the next key begins, or the end of the text."""
    starts = [(str(name.value), int(name.start_mark.line)) for name, _v in _root(text).value]
    place = [name for name, _line in starts].index(key)
    following = [line for _name, line in starts[place + 1 :]]
    return following[0] if following else len(text.splitlines())


def _trimmed(lines: Sequence[str], start: int, end: int, column: int) -> int:
    """`end` without the blank lines and comments before it that belong to what follows."""
    while end - 1 > start:
        line = lines[end - 1]
        is_comment = line.lstrip().startswith("#") and len(line) - len(line.lstrip()) <= column
        if line.strip() and not is_comment:
            break
        end -= 1
    return end


def _are_items(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    names = [_name(entry) for entry in value if isinstance(entry, Mapping)]
    return len(set(names)) == len(value) and all(names)


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get("id") or entry.get("key") or "")


def _dedented(lines: Sequence[str], by: int) -> str:
    return "".join(line[by:] if line.strip() else line for line in lines)


def _indented(block: str, by: int) -> str:
    return "".join(" " * by + line if line.strip() else line for line in block.splitlines(True))
