"""Choosing how a segment's statement runs: walk the members and ask, or begin with the rarest condition.

A database cannot know how conditions hang together, and on a million members the wrong order costs
seconds. So a thousand members are asked first (a few milliseconds); what they answer decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from chaguan.people.contract.conditions import Asking
from chaguan.people.models import Member
from chaguan.people.segments import Branch, Leaf, Node, compile_node

SAMPLE = 1000
SMALL_HOUSE = 20_000  # below it every plan is fast

CAPS = (10_001, 4_001, 1_001)  # how far to count; lower where counting that far would be slow
BUDGET = 70_000  # of the units below, about 150 ms

# Costs in units of one index probe, measured on both databases.
FETCH = 0.7  # one member row by its key
LIST = 0.6  # one entry of a list of ids, built and sorted
WALK = 0.3  # one member row in key order


Ids = QuerySet[Any, Any]


@dataclass(frozen=True)
class Part:
    """One of the conditions that must all hold: as a question, as a beginning, and how often it is true."""

    probe: Q
    drivers: tuple[Ids, ...] | None  # querysets of member ids; None: it cannot be begun with
    share: float
    is_walk: bool = False  # an index gives its members in the order of ids: no list is built


@contextmanager
def as_planned() -> Iterator[None]:
    """Hold PostgreSQL to the order chosen here; left alone it reads whole tables. Elsewhere: nothing."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        names = list(_HELD)
        before = ", ".join(["current_setting(%s)"] * len(names))
        cursor.execute(f"SELECT {before}", names)
        was = dict(zip(names, cursor.fetchone(), strict=True))
        _hold(cursor, _HELD)
        yield
        _hold(cursor, was)


def _hold(cursor: Any, settings: Mapping[str, str]) -> None:
    """Set all of them until the transaction ends, in one statement."""
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    cursor.execute(f"SELECT {calls}", [word for pair in settings.items() for word in pair])


_HELD = {
    "random_page_cost": "1.1",  # the tables are in memory
    "max_parallel_workers_per_gather": "0",
    "work_mem": "64kB",  # too little to hash a whole table instead of probing an index
}


@dataclass(frozen=True)
class Plan:
    """The segment as a filter, and how many members to look for at most."""

    filter: Q
    up_to: int = CAPS[0]


def best_plan(node: Node, asking: Asking, caps: Sequence[int] = CAPS) -> Plan:
    """The filter that is fastest here; ask inside `as_planned`. Queries: 2 in a house that is not small."""
    nodes = _flat(node)
    newest = Member.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if newest < SMALL_HOUSE or not nodes:
        return Plan(compile_node(node, asking))
    probes = [compile_node(part, asking) for part in nodes]
    answers = _ask_some(probes, newest)
    asked = max(len(answers), 1)
    floor = 1 / (2 * asked)  # nobody of the sample is not nobody at all
    shares = [max(sum(row[n] for row in answers) / asked, floor) for n in range(len(nodes))]
    together = max(sum(all(row) for row in answers) / asked, floor)
    parts = sorted(
        (
            Part(probe, _drivers(part, asking), share, _is_walk(part))
            for part, probe, share in zip(nodes, probes, shares, strict=True)
        ),
        key=lambda part: part.share,
    )
    return _cheapest(parts, together, newest, caps)


def _cheapest(parts: Sequence[Part], together: float, members: int, caps: Sequence[int]) -> Plan:
    """The cheapest way, counting as far as the budget allows."""
    for up_to in caps:
        cost, chosen = min(_ways(parts, together, members, up_to), key=lambda way: way[0])
        if cost <= BUDGET:
            break
    joined = _beginning(chosen) if chosen else Q()
    for part in parts:
        if part is not chosen:
            joined &= _asked(part.probe)
    return Plan(joined, up_to)


def _ways(
    parts: Sequence[Part], together: float, members: int, up_to: int
) -> Iterator[tuple[float, Part | None]]:
    """What each way costs: walking all members (None), or beginning with one of the parts."""
    walked = min(members, up_to / together)
    yield walked * (WALK + _asking_cost(parts)), None
    for beginning in parts:
        if beginning.drivers is not None:
            others = [part for part in parts if part is not beginning]
            size = members * beginning.share
            visited = min(size, up_to * beginning.share / together)
            listed = 0 if beginning.is_walk else size * LIST
            yield listed + visited * (FETCH + _asking_cost(others)), beginning


def _beginning(part: Part) -> Q:
    """The members to begin with. PostgreSQL makes a list of the ids first: no join to plan wrongly."""
    if part.is_walk:
        return part.probe
    drivers = part.drivers or ()
    if connection.vendor == "postgresql":
        parts = list(_spelled_out(drivers))
        if not parts:
            return Q(pk__in=[])
        listed = f"people_member.id = ANY(ARRAY({' UNION ALL '.join(sql for sql, _ in parts)}))"
        params = [value for _, given in parts for value in given]
        return Q(RawSQL(listed, params, output_field=BooleanField()))  # noqa: S611 -- Django's own SQL
    joined = Q()
    for driver in drivers:
        joined |= Q(pk__in=driver)
    return joined


def _spelled_out(drivers: Sequence[Ids]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """SQL and parameters of those that can match anybody at all."""
    for driver in drivers:
        with suppress(EmptyResultSet):
            yield driver.query.sql_with_params()


def _asked(probe: Q) -> Q:
    """The probe, asked of one member after the other: CASE keeps PostgreSQL from making it a join."""
    if connection.vendor != "postgresql":
        return probe
    answer = Case(When(probe, then=Value(True)), default=Value(False), output_field=BooleanField())
    return Q(answer)


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


def _is_walk(node: Node) -> bool:
    """One value of an indexed column of the member: PostgreSQL and SQLite walk (column, id) in order."""
    if not isinstance(node, Leaf):
        return False
    told = getattr(node.condition, "is_walk", None)
    return bool(told and told(node.values))


def _drivers(node: Node, asking: Asking) -> tuple[Ids, ...] | None:
    """The node as lists of ids to begin with; None where that would mean reading everything."""
    if isinstance(node, Leaf):
        if not getattr(node.condition, "is_indexed", True):
            return None
        match = node.match(asking)
        if isinstance(match, Q):
            return (Member.objects.filter(match).order_by().values_list("pk", flat=True),)
        return (match.order_by().values_list("member_id", flat=True),)
    if node.word != "any" or not node.nodes:
        return None
    found: list[Ids] = []
    for inner in node.nodes:
        part = _drivers(inner, asking)
        if part is None:
            return None
        found.extend(part)
    return tuple(found)


def _ask_some(probes: Sequence[Q], newest: int) -> list[tuple[bool, ...]]:
    """What a thousand members, always the same ones, answer to each probe."""
    ids = Random(7).sample(range(1, newest + 1), min(SAMPLE, newest))  # noqa: S311 -- not a secret
    asked = {
        f"answer_{n}": ExpressionWrapper(probe, output_field=BooleanField())
        for n, probe in enumerate(probes)
    }
    rows = Member.objects.filter(pk__in=ids).annotate(**asked).values_list(*asked)
    return [tuple(bool(answer) for answer in row) for row in rows]
