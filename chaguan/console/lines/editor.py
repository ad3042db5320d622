"""The editor's words: columns, conditions as sentences, changes, faults by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from chaguan.console.forms.segment import Blank, Builder, builder_from, builder_of_tree, in_words
from chaguan.console.lines.offsets import offset_words
from chaguan.console.lines.playbooks import audience_words, column_words, role_words
from chaguan.people.contract import Asking
from chaguan.playbooks.selectors.drafts import (
    FIELDS,
    PARTS,
    Change,
    DraftBoard,
    Fault,
    in_plain,
    sentence,
)
from chaguan.playbooks.selectors.library import Column


def head_words(column: Column) -> str:
    """The head of a column of a draft's board."""
    return _("Time unclear") if column.key == "unclear" else column_words(column)


def board_heads(board: DraftBoard) -> list[tuple[Column, str]]:
    """The columns with their words."""
    return [(column, head_words(column)) for column in board.columns]


def by_step(faults: Sequence[Fault]) -> dict[str, list[Fault]]:
    """The faults of each step."""
    found: dict[str, list[Fault]] = {}
    for fault in faults:
        found.setdefault(fault.step, []).append(fault)
    return found


def tree_words(tree: Any, asking: Asking) -> str:
    """A condition in words, however deep it is."""
    if not isinstance(tree, Mapping) or not tree:
        return _("everybody")
    builder = builder_of_tree(tree, asking) if _is_flat(tree) else None
    if builder is not None:
        return in_words(builder)
    if "not" in tree:
        return _("not (%(phrase)s)") % {"phrase": tree_words(tree["not"], asking)}
    for word, joint in (("all", _(" and ")), ("any", _(" or "))):
        parts = tree.get(word)
        if isinstance(parts, list):
            return joint.join(f"({tree_words(part, asking)})" for part in parts)
    return _("a condition that cannot be read")


def _is_flat(tree: Mapping[str, Any]) -> bool:
    nodes = [tree] if "condition" in tree else tree.get("all", tree.get("any"))
    if not isinstance(nodes, list) or (len(tree) != 1 and "condition" not in tree):
        return False
    leaves = [n.get("not", n) if isinstance(n, Mapping) else None for n in nodes]
    return all(isinstance(leaf, Mapping) and "condition" in leaf for leaf in leaves)


def flat_builder(tree: Any, asking: Asking) -> Builder | None:
    """The builder of a condition; None for one that is deeper than a sentence with blanks."""
    if not tree:
        return builder_from(QueryDict(), asking)
    if not isinstance(tree, Mapping) or not _is_flat(tree):
        return None
    return builder_of_tree(tree, asking)


def plain_tree(builder: Builder) -> dict[str, Any] | None:
    """The tree as a document writes it: numbers as numbers, one condition alone; None for everybody."""
    numbers = {
        part.operand.name
        for row in builder.rows
        for part in row.parts
        if isinstance(part, Blank) and part.operand.kind == "number"
    }
    tree = _typed(dict(builder.tree), numbers)
    (nodes,) = tree.values() if tree else ([],)
    return nodes[0] if len(nodes) == 1 else (tree or None)


def _typed(node: Any, numbers: set[str]) -> Any:
    if isinstance(node, list):
        return [_typed(part, numbers) for part in node]
    if isinstance(node, Mapping):
        return {name: _number(name, part, numbers) for name, part in node.items()}
    return node


def _number(name: str, value: Any, numbers: set[str]) -> Any:
    if name in numbers and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return _typed(value, numbers)


@dataclass(frozen=True)
class ChangeLine:
    """One difference for a page: what kind, the sentence, and old beside new where words are long."""

    what: str
    part: str
    words: str
    field: str
    old: str
    new: str


def change_lines(changes: Sequence[Change]) -> list[ChangeLine]:
    """The differences in words: times and roles as people say them."""
    return [
        ChangeLine(
            change.what,
            str(PARTS[change.part]),
            _title(change) if change.field and change.field != "order" else sentence(change),
            str(FIELDS.get(change.field, change.field)) if change.field != "order" else "",
            _said(change.field, change.old) if change.field != "order" else "",
            _said(change.field, change.new) if change.field != "order" else "",
        )
        for change in changes
    ]


def _title(change: Change) -> str:
    if change.part == "head":
        return ""
    return " ".join(word for word in (change.key, change.title) if word)


def _said(field: str, value: Any) -> str:
    if not field or value is None:
        return ""
    if field == "offset":
        return f"{offset_words(str(value))} ({value})"
    if field == "actor":
        return role_words(str(value))
    if field == "audience":
        return audience_words(str(value))
    return in_plain(value)
