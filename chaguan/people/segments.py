"""Segments (分群): a JSON tree, checked and compiled to SQL.

{"all": [node, …]} · {"any": [node, …]} · {"not": node} · {"condition": code, operand: value, …}
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from chaguan.kernel.errors import Invalid
from chaguan.people.contract.conditions import (
    HERE,
    Asking,
    Condition,
    Match,
    Operand,
    conditions,
)

MAX_DEPTH = 6
MAX_CONDITIONS = 30

Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Leaf:
    """One condition with its checked operands."""

    code: str
    condition: Condition
    values: Mapping[str, Any]

    def match(self, asking: Asking) -> Match:
        return self.condition.compile(self.values, asking)


@dataclass(frozen=True)
class Branch:
    """all, any or not over other nodes."""

    word: str
    nodes: tuple["Node", ...]


Node = Leaf | Branch


def parse(tree: Any, asking: Asking) -> Node:
    """Check a tree. Raises Invalid with one sentence that names what is wrong. {} matches everyone."""
    node = _parse(tree if tree else {"all": []}, asking, 1)
    if sum(1 for _leaf in leaves(node)) > MAX_CONDITIONS:
        raise Invalid(_("A segment holds at most %(most)d conditions.") % {"most": MAX_CONDITIONS})
    return node


def leaves(node: Node) -> Iterator[Leaf]:
    """All conditions of the tree, left to right."""
    if isinstance(node, Leaf):
        yield node
        return
    for inner in node.nodes:
        yield from leaves(inner)


def compile_node(node: Node, asking: Asking) -> Q:
    """The node as a filter on people.Member: every related condition is one EXISTS."""
    if isinstance(node, Leaf):
        return as_probe(node.match(asking))
    parts = [compile_node(inner, asking) for inner in node.nodes]
    if node.word == "not":
        return ~parts[0]
    joined = Q()
    if node.word == "any":
        for part in parts:
            joined |= part
        return joined if parts else Q(pk__in=())
    for part in parts:
        joined &= part
    return joined


def compile_tree(tree: Any, asking: Asking) -> Q:
    """Check and compile in one go. Raises Invalid."""
    return compile_node(parse(tree, asking), asking)


def as_probe(match: Match) -> Q:
    """Ask it of each member: cheap when most of the other conditions have decided already."""
    return match if isinstance(match, Q) else Q(Exists(match.filter(member_id=OuterRef("pk"))))


def _parse(tree: Any, asking: Asking, depth: int) -> Node:
    if not isinstance(tree, Mapping):
        raise Invalid(
            _("A segment is made of conditions; %(what)s is none.") % {"what": repr(tree)}
        )
    if depth > MAX_DEPTH:
        raise Invalid(_("Conditions are nested too deeply."))
    if "condition" in tree:
        return _leaf(tree, asking)
    words = [word for word in ("all", "any", "not") if word in tree]
    if len(tree) != 1 or not words:
        raise Invalid(_("Each part of a segment is one of: all, any, not, condition."))
    word = words[0]
    inner = [tree[word]] if word == "not" else tree[word]
    if not isinstance(inner, list):
        raise Invalid(_("“%(word)s” takes a list of conditions.") % {"word": word})
    return Branch(word, tuple(_parse(part, asking, depth + 1) for part in inner))


def _leaf(tree: Tree, asking: Asking) -> Leaf:
    code = tree["condition"]
    if not isinstance(code, str) or code not in conditions:
        raise Invalid(
            _("There is no condition %(code)s.") % {"code": code}, code="unknown_condition"
        )
    condition = conditions.get(code)
    known = {operand.name: operand for operand in condition.operands}
    if unknown := [name for name in tree if name != "condition" and name not in known]:
        text = _("The condition %(code)s has no blank called %(name)s.")
        raise Invalid(text % {"code": condition.label, "name": unknown[0]}, code="unknown_operand")
    values = {
        name: _checked(operand, tree.get(name), str(condition.label), asking)
        for name, operand in known.items()
    }
    return Leaf(code, condition, values)


def _checked(operand: Operand, value: Any, label: str, asking: Asking) -> Any:
    """The value as compile gets it: int, str, date, list of str, or None for an empty optional blank."""
    if value in (None, "", []):
        if not operand.is_required:
            return None
        text = _("Fill in “%(blank)s” of the condition %(code)s.")
        raise Invalid(text % {"blank": operand.label, "code": label}, code="operand_missing")
    try:
        return _READERS[operand.kind](operand, value, asking)
    except (ValueError, TypeError) as wrong:
        text = _("“%(blank)s” of the condition %(code)s cannot be %(value)s.")
        words = {"blank": operand.label, "code": label, "value": str(value)[:60]}
        raise Invalid(text % words, code="operand_wrong") from wrong


def _number(operand: Operand, value: Any, asking: Asking) -> int:
    number = int(value)
    if isinstance(value, bool) or not operand.minimum <= number <= operand.maximum:
        raise ValueError(value)
    return number


def _text(operand: Operand, value: Any, asking: Asking) -> str:
    if not isinstance(value, str) or "\x00" in value or len(value) > 400:
        raise ValueError(value)
    return value


def _date(operand: Operand, value: Any, asking: Asking) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _choice(operand: Operand, value: Any, asking: Asking) -> str:
    text = str(value)
    if operand.is_open and isinstance(value, str) and 0 < len(value.strip()) <= 80:
        return text
    allowed = {str(code) for code, _label in operand.choices(asking)} if operand.choices else set()
    if text not in allowed:
        raise ValueError(text)
    return text


def _choices(operand: Operand, value: Any, asking: Asking) -> list[str]:
    if not isinstance(value, list):
        raise ValueError(value)
    return [_choice(operand, one, asking) for one in value]


def _community(operand: Operand, value: Any, asking: Asking) -> int:
    pk = asking.here if value == HERE else int(value)
    if pk is None or (asking.community_ids is not None and pk not in asking.community_ids):
        raise ValueError(value)
    return pk


_READERS = {
    "number": _number,
    "text": _text,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "community": _community,
}
