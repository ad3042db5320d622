"""The segment builder: a sentence with blanks in the query string, and its tree.

Rows are numbered: `0-condition=stage&0-stages=bought&0-not=1&1-condition=…`; `join` is all or any.
`add=code` puts a row at the end, `drop=n` takes one away, `segment=id` loads a saved one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from chaguan.people.contract import Asking, Condition, Operand, conditions

ROW = re.compile(r"^(\d{1,2})-condition$")
BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Blank:
    """One blank of the sentence as a form control. `name` is its key in the query string."""

    operand: Operand
    name: str
    values: tuple[str, ...]
    choices: Sequence[tuple[str, Any]]

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True)
class Row:
    """One condition as a sentence: words and blanks in turn."""

    number: int
    code: str
    label: Any
    is_not: bool
    parts: Sequence[str | Blank]
    is_complete: bool


@dataclass(frozen=True)
class Builder:
    """The whole sentence. `tree` holds the complete rows only."""

    join: str
    rows: Sequence[Row]
    tree: Mapping[str, Any]
    addable: Sequence[tuple[str, Any]]


def builder_from(query: QueryDict, asking: Asking) -> Builder:
    """Read the query string. Unknown conditions and stray keys are left out."""
    numbers = sorted(int(m[1]) for key in query if (m := ROW.match(key)))
    kept = [n for n in numbers if query.get("drop") != str(n)]
    entries: list[Entry] = [
        (
            query.get(f"{n}-condition", ""),
            f"{n}-not" in query,
            {
                key.partition("-")[2]: [str(v) for v in query.getlist(key)]
                for key in query
                if key.startswith(f"{n}-")
            },
        )
        for n in kept
        if query.get(f"{n}-condition", "") in conditions
    ]
    if (added := query.get("add", "")) in conditions:
        entries.append((added, False, {}))
    return _build("any" if query.get("join") == "any" else "all", entries, asking)


def builder_of_tree(tree: Mapping[str, Any], asking: Asking) -> Builder | None:
    """The builder of a saved tree; None for one that is nested deeper than a sentence can say."""
    join = "any" if "any" in tree else "all"
    entries: list[Entry] = []
    for node in [tree] if "condition" in tree else tree.get(join, []):
        leaf = node.get("not", node)
        if leaf.get("condition") not in conditions:
            return None
        values = {
            k: [str(o) for o in v] if isinstance(v, list) else [str(v)] for k, v in leaf.items()
        }
        entries.append((leaf["condition"], "not" in node, values))
    return _build(join, entries, asking)


def query_of(builder: Builder) -> str:
    """The query string that `builder_from` reads back."""
    query = QueryDict(mutable=True)
    query["join"] = builder.join
    for row in builder.rows:
        query[f"{row.number}-condition"] = row.code
        if row.is_not:
            query[f"{row.number}-not"] = "1"
        for part in row.parts:
            if isinstance(part, Blank):
                query.setlist(part.name, list(part.values))
    return query.urlencode()


Entry = tuple[str, bool, Mapping[str, Sequence[str]]]


def _build(join: str, entries: Sequence[Entry], asking: Asking) -> Builder:
    rows = []
    nodes: list[Any] = []
    for number, (code, is_not, values) in enumerate(entries):
        condition = conditions.get(code)
        parts = list(_parts(number, condition, values, asking))
        leaf = _leaf(code, [part for part in parts if isinstance(part, Blank)])
        rows.append(Row(number, code, condition.label, is_not, parts, leaf is not None))
        if leaf is not None:
            nodes.append({"not": leaf} if is_not else leaf)
    addable = [(code, condition.label) for code, condition in conditions]
    return Builder(join, rows, {join: nodes} if nodes else {}, addable)


def _parts(
    number: int, condition: Condition, values: Mapping[str, Sequence[str]], asking: Asking
) -> Iterator[str | Blank]:
    """Split the sentence at its {blanks}."""
    operands = {operand.name: operand for operand in condition.operands}
    for place, piece in enumerate(BLANK.split(str(condition.sentence))):
        if place % 2 == 0:
            if piece.strip():
                yield piece.strip()
        elif piece in operands:
            operand = operands.pop(piece)
            choices = operand.choices(asking) if operand.choices else ()
            given = tuple(value for value in values.get(piece, ()) if value != "")
            yield Blank(operand, f"{number}-{piece}", given, choices)


_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff」）]) (?=[\u4e00-\u9fff「（])")


def _leaf(code: str, blanks: Sequence[Blank]) -> dict[str, Any] | None:
    """The condition as a node of the tree, or None while a blank that it needs is empty."""
    leaf: dict[str, Any] = {"condition": code}
    for blank in blanks:
        if not blank.values:
            if blank.operand.is_required:
                return None
            continue
        leaf[blank.operand.name] = (
            list(blank.values) if blank.operand.kind == "choices" else blank.value
        )
    return leaf


def in_words(builder: Builder) -> str:
    """The segment as one sentence, for the confirm page and for saved segments."""
    phrases = []
    for row in builder.rows:
        if not row.is_complete:
            continue
        words = " ".join(part if isinstance(part, str) else _chosen(part) for part in row.parts)
        words = _BETWEEN_CHINESE.sub("", words)
        phrases.append(_("not (%(phrase)s)") % {"phrase": words} if row.is_not else words)
    if not phrases:
        return _("everybody")
    return (_(" or ") if builder.join == "any" else _(" and ")).join(phrases)


def _chosen(blank: Blank) -> str:
    if list(blank.values) == ["here"]:  # in a playbook: wherever it runs
        return _("this community")
    labels = {str(code): str(label) for code, label in blank.choices}
    if len(blank.values) == 1 and str(blank.values[0]).isdecimal() and not labels:
        return str(blank.values[0])
    return _("“%(value)s”") % {"value": " / ".join(labels.get(v, v) for v in blank.values)}
