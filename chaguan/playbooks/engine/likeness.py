"""Who is treated alike by a playbook (同类), so that a preview plays one person for each kind of people.

Two people are alike when everything that steps, entries and guards look at is the same for both: how each
single condition answers, what guards say about a private message, what they were sent today, their arm,
what they are going to do. The engine then runs for one of them, and what happens to her happens to all.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from chaguan.communities.selectors.audiences import people_inside
from chaguan.kernel.remembering import remembering
from chaguan.outbox.contract import OutboxRow, guards
from chaguan.outbox.selectors import all_rows
from chaguan.people.types import RelationStage
from chaguan.playbooks.contract import speaks_to
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.arms import arm_of
from chaguan.playbooks.engine.catalogue import matches, steps_of
from chaguan.playbooks.engine.newcomers import NEWCOMER
from chaguan.playbooks.models import Run

_JOINED = {
    "sqlite": "group_concat(t.member_id)",
    "postgresql": "string_agg(t.member_id::text, ',')",
}
CHUNK = 5000  # people asked about in one statement

_standing_in: ContextVar[frozenset[int] | None] = ContextVar("standing_in", default=None)
Asked = dict[datetime, list[Any]]  # at which instants which conditions were asked
_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


@contextmanager
def standing_in(members: Iterable[int]) -> Iterator[Asked]:
    """Inside, audiences hold these members only. Gives which conditions were asked when."""
    instants: Asked = {}
    tokens = _standing_in.set(frozenset(members)), _asked.set(instants)
    try:
        yield instants
    finally:
        _standing_in.reset(tokens[0])
        _asked.reset(tokens[1])


def among(people: QuerySet[Any]) -> QuerySet[Any]:
    """Memberships, inside a preview of its stand-ins only."""
    members = _standing_in.get()
    return people if members is None else people.filter(member_id__in=members)


def note_asking(now: datetime, trees: Iterable[Any]) -> None:
    """These conditions are asked now: a preview looks whether stand-ins still stand for all."""
    instants = _asked.get()
    if instants is not None:
        instants.setdefault(now, []).extend(trees)


@dataclass(frozen=True)
class _Probe:
    """A private message that might go to somebody, as guards see it."""

    pk: int
    member_id: int
    community_id: int
    is_promotion: bool
    due_at: datetime
    key: str = ""
    kind: str = "touch"
    room_id: None = None
    is_urgent: bool = False
    renderer: str = "plain"
    decided_by: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


class Likeness:
    """The people of a community, sorted into kinds that grow finer with everything that is looked at."""

    def __init__(
        self,
        run: Run,
        document: Playbook,
        now: datetime,
        *,
        acts: Mapping[int, Hashable],
        apart: Collection[int],
    ) -> None:
        """`acts` says what single people will do; those of `apart` are kinds of their own."""
        self._run, self._now = run, now
        self._leaves = _leaves_of(run, document)
        self._moving = [here for here, one in enumerate(self._leaves) if self._depends_on_time(one)]
        self._answers: dict[int, str] = {}  # by the leaf's place, as it was answered last
        inside = people_inside().filter(community_id=run.community_id).order_by("member_id")
        self._joined = dict(inside.values_list("member_id", "joined_at"))
        for member_id in apart:
            self._joined.setdefault(member_id, now)
        self._marks: dict[int, list[Hashable]] = {pk: [] for pk in self._joined}
        self._mark({pk: pk for pk in apart})
        self._mark(acts)
        if document.split is not None:
            self._mark({pk: arm_of(run, document, pk) for pk in self._joined})
        if _greets_newcomers(run):
            since = now - NEWCOMER
            self._mark({pk: at for pk, at in self._joined.items() if at > since})
        for here in range(len(self._leaves)):
            self._ask(here, now)
        known = steps_of(run.edition_id).values()
        with remembering():
            for is_promotion in {one.row.is_promotion for one in known if one.row.kind != "assign"}:
                self._mark(self._guarded(is_promotion))
        self._mark(self._heard_today())

    def _mark(self, values: Mapping[int, Hashable]) -> None:
        """One more thing by which people differ; those not in it share "nothing"."""
        if values:
            for pk, marks in self._marks.items():
                marks.append(values.get(pk))

    def kinds(self) -> dict[int, tuple[int, ...]]:
        """For each kind of people the one who stands for them, and everybody of the kind."""
        found: dict[tuple[Hashable, ...], list[int]] = defaultdict(list)
        for pk, marks in self._marks.items():
            found[tuple(marks)].append(pk)
        return {members[0]: tuple(members) for members in found.values()}

    def refine(self, instants: Asked) -> bool:
        """Ask again what time may have changed; returns whether a kind fell apart."""
        before = len(self.kinds())
        for at in sorted(instants):
            trees = instants[at]
            leaves = [leaf for tree in trees for leaf in _leaves(tree)]
            for here in self._moving:
                if self._leaves[here] in leaves:
                    self._ask(here, at)
        return len(self.kinds()) > before

    def _ask(self, here: int, at: datetime) -> None:
        """Mark how this leaf is answered then; an answer for all as before tells nothing new."""
        matching = self._matching(self._leaves[here], at)
        if matching != self._answers.get(here):
            self._answers[here] = matching
            self._mark(dict.fromkeys(map(int, matching.split(",")) if matching else (), True))

    def _matching(self, leaf: Any, at: datetime) -> str:
        """The members as one text, which is quicker to read and to compare than ten thousand rows."""
        asked, given = self._sql(leaf, at)
        inside = people_inside().filter(community_id=self._run.community_id).order_by()
        sql, params = inside.values("member_id").query.sql_with_params()
        with connection.cursor() as cursor:
            all_of_them = f"SELECT m.member_id FROM ({sql}) AS m WHERE {asked} ORDER BY m.member_id"
            cursor.execute(
                f"SELECT {_JOINED[connection.vendor]} FROM ({all_of_them}) AS t", [*params, *given]
            )
            return str(cursor.fetchone()[0] or "")

    def _sql(self, leaf: Any, at: datetime) -> tuple[str, list[Any]]:
        run = self._run
        return matches([leaf], "m.member_id", now=at, community_id=run.community_id, zone=run.zone)

    def _depends_on_time(self, leaf: Any) -> bool:
        later = self._now + timedelta(days=400, hours=5)
        return self._sql(leaf, self._now) != self._sql(leaf, later)

    def _guarded(self, is_promotion: bool) -> dict[int, Hashable]:
        """What the guards say of a private message to each; a call per guard for each thousand."""
        now, community_id = self._now, self._run.community_id
        said: dict[int, list[Hashable]] = defaultdict(list)
        people = list(self._joined)
        for start in range(0, len(people), CHUNK):
            rows: Any = [
                _Probe(pk, pk, community_id, is_promotion, now)
                for pk in people[start : start + CHUNK]
            ]
            for code, guard in guards:
                for hold in guard(rows, now):
                    said[hold.row_id].append((code, hold.reason, hold.until))
        return {pk: tuple(holds) for pk, holds in said.items()}

    def _heard_today(self) -> dict[int, Hashable]:
        """What went out to each lately, as caps count it."""
        lately = all_rows().filter(
            member_id__in=people_inside()
            .filter(community_id=self._run.community_id)
            .values("member_id"),
            claimed_at__gte=self._now - timedelta(hours=25),
            state__in=[OutboxRow.State.SENT, OutboxRow.State.CLAIMED, OutboxRow.State.UNKNOWN],
        )
        heard: dict[int, Counter[Hashable]] = defaultdict(Counter)
        for pk, *what in lately.values_list(
            "member_id", "kind", "is_promotion", "is_urgent", "claimed_at"
        ):
            heard[pk or 0][tuple(what)] += 1
        return {pk: frozenset(counts.items()) for pk, counts in heard.items()}


def _leaves_of(run: Run, document: Playbook) -> list[Any]:
    """Every single condition that decides something, once."""
    trees: list[Any] = [tree for known in steps_of(run.edition_id).values() for tree in known.trees]
    for track in document.tracks:
        if track.entry is not None:
            named = [track.entry.when, track.entry.audience.removeprefix("segment:")]
            trees += [document.segments.get(t) if isinstance(t, str) else t for t in named]
    if any(known.row.kind == "set_stage" for known in steps_of(run.edition_id).values()):
        trees += [{"condition": "stage", "stages": [stage.value]} for stage in RelationStage]
    found: list[Any] = []
    for tree in trees:
        found += [leaf for leaf in _leaves(tree) if leaf not in found]
    return found


def _leaves(tree: Any) -> Iterator[Any]:
    if not isinstance(tree, Mapping):
        return
    if "condition" in tree:
        yield tree
    for word in ("all", "any", "not"):
        inner = tree.get(word)
        for part in inner if isinstance(inner, Sequence) else [inner]:
            yield from _leaves(part)


def _greets_newcomers(run: Run) -> bool:
    return any(
        known.row.audience == "newcomer" and speaks_to(known.row.kind, "newcomer") != "room"
        for known in steps_of(run.edition_id).values()
    )
