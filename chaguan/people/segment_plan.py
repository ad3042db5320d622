"""Choosing how a segment's statement runs: walk the members and ask, or begin with the rarest condition.

A database cannot know how conditions hang together, and on a million members the wrong order costs
seconds. So a thousand members are asked first (a few milliseconds); what they answer decides.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q

from chaguan.people.contract.conditions import Asking
from chaguan.people.models import Member
from chaguan.people.segments import Branch, Leaf, Node, as_driver, compile_node

SAMPLE = 1000
SMALL_HOUSE = 20_000  # below it every plan is fast

# Costs in units of one index probe, measured on both databases.
FETCH = 0.7  # one member row by its key
LIST = 0.5  # one entry of a list of ids, built and sorted
WALK = 0.3  # one member row in key order


@dataclass(frozen=True)
class Part:
    """One of the conditions that must all hold: as a question, as a beginning, and how often it is true."""

    probe: Q
    driver: Q | None
    share: float


@contextmanager
def as_planned() -> Iterator[None]:
    """Let PostgreSQL take indexes as readily as this plan counts on. Elsewhere: nothing."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for setting, value in _HELD.items():
            cursor.execute(f"SET LOCAL {setting} = {value}")
        yield
        for setting in _HELD:
            cursor.execute(f"SET LOCAL {setting} TO DEFAULT")


_HELD = {
    "jit": "off",
    "random_page_cost": "1.1",
}  # compiling costs more than it saves; memory is near


def best_filter(node: Node, asking: Asking, *, up_to: int) -> Q:
    """The segment as a filter that finds `up_to` members fast. Queries: 2 in a house that is not small."""
    nodes = _flat(node)
    newest = Member.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if newest < SMALL_HOUSE or not nodes:
        return compile_node(node, asking)
    probes = [compile_node(part, asking) for part in nodes]
    answers = _ask_some(probes, newest)
    asked = max(len(answers), 1)
    floor = 1 / (2 * asked)  # nobody of the sample is not nobody at all
    shares = [max(sum(row[n] for row in answers) / asked, floor) for n in range(len(nodes))]
    together = max(sum(all(row) for row in answers) / asked, floor)
    parts = sorted(
        (
            Part(probe, _driver(part, asking), share)
            for part, probe, share in zip(nodes, probes, shares, strict=True)
        ),
        key=lambda part: part.share,
    )
    return _cheapest(parts, together, newest, up_to)


def _cheapest(parts: Sequence[Part], together: float, members: int, up_to: int) -> Q:
    walked = min(members, up_to / together)
    best, filters = walked * (WALK + _asking_cost(parts)), [part.probe for part in parts]
    for beginning in parts:
        if beginning.driver is None:
            continue
        others = [part for part in parts if part is not beginning]
        size = members * beginning.share
        visited = min(size, up_to * beginning.share / together)
        cost = size * LIST + visited * (FETCH + _asking_cost(others))
        if cost < best:
            best, filters = cost, [beginning.driver, *(part.probe for part in others)]
    return _in_order(filters)


def _in_order(filters: Sequence[Q]) -> Q:
    joined = Q()
    for one in filters:
        joined &= one
    return joined


def _asking_cost(parts: Sequence[Part]) -> float:
    """Probes per member when the rarest is asked first and a no ends it."""
    cost, still_in = 0.0, 1.0
    for part in parts:
        cost += still_in
        still_in *= part.share
    return cost


def _flat(node: Node) -> list[Node]:
    """The conditions that must all hold."""
    if isinstance(node, Branch) and node.word == "all":
        return [part for inner in node.nodes for part in _flat(inner)]
    return [node]


def _driver(node: Node, asking: Asking) -> Q | None:
    """The node as a list of ids to begin with; None where that would mean reading everything."""
    if isinstance(node, Leaf):
        if not getattr(node.condition, "is_indexed", True):
            return None
        match = node.match(asking)
        return (
            Q(pk__in=Member.objects.filter(match).values("pk"))
            if isinstance(match, Q)
            else as_driver(match)
        )
    if node.word != "any" or not node.nodes:
        return None
    joined = Q()
    for inner in node.nodes:
        part = _driver(inner, asking)
        if part is None:
            return None
        joined |= part
    return joined


def _ask_some(probes: Sequence[Q], newest: int) -> list[tuple[bool, ...]]:
    """What a thousand members, always the same ones, answer to each probe."""
    ids = Random(7).sample(range(1, newest + 1), min(SAMPLE, newest))  # noqa: S311 -- not a secret
    asked = {
        f"answer_{n}": ExpressionWrapper(probe, output_field=BooleanField())
        for n, probe in enumerate(probes)
    }
    rows = Member.objects.filter(pk__in=ids).annotate(**asked).values_list(*asked)
    return [tuple(bool(answer) for answer in row) for row in rows]
