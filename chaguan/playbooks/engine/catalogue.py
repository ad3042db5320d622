"""What statements cannot join: the conditions and fields of steps, read once per edition and kept."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models.expressions import RawSQL

from chaguan.kernel.remembering import remembered
from chaguan.people.contract import Asking
from chaguan.people.selectors.segments import members_matching
from chaguan.playbooks.contract import Due, steps
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.document import Step as StepDocument
from chaguan.playbooks.models import Edition, Run, Step

Named = TypeVar("Named")


@dataclass(frozen=True)
class Known:
    """A step of an edition with its parts ready: kind, fields, and the tree of its condition."""

    row: Step
    document: StepDocument
    due: Due
    trees: tuple[Any, ...]  # all must match


@lru_cache(maxsize=512)
def document_of(edition_id: int) -> Playbook:
    """The document of an edition. Editions never change, so it is kept."""
    edition = Edition.objects.get(pk=edition_id)
    document = Playbook.model_validate(edition.document)
    return document.model_copy(
        update={
            "variables": _as_written("variables", document.variables, edition.source),
            "segments": _as_written("segments", document.segments, edition.source),
        }
    )


def _as_written(block: str, parts: Mapping[str, Named], source: str) -> dict[str, Named]:
    """In the author's order, which PostgreSQL's jsonb does not keep."""
    _head, _word, rest = source.partition(f"\n{block}:")
    found = {name: re.search(rf"(?:^|[\s{{,])['\"]?{name}['\"]?\s*:", rest) for name in parts}
    places = {name: match.start() if match else len(rest) for name, match in found.items()}
    return {name: parts[name] for name in sorted(parts, key=lambda name: places[name])}


@lru_cache(maxsize=512)
def steps_of(edition_id: int) -> dict[int, Known]:
    """All steps of an edition by their row's id."""
    document = document_of(edition_id)
    rows = Step.objects.filter(edition_id=edition_id).order_by("place")
    found = {row.pk: _known(row, document) for row in rows}
    _edition_of_step.update(dict.fromkeys(found, edition_id))
    return found


_edition_of_step: dict[int, int] = {}


_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Inside a preview: its run's id will be given again, so nothing about the run is kept."""
    token = _rehearsing.set(True)
    try:
        yield
    finally:
        _rehearsing.reset(token)


_places: dict[int, tuple[int, str]] = {}


def is_rehearsing() -> bool:
    return _rehearsing.get()


def place_of_run(run_id: int) -> tuple[int, str]:
    """The community and the zone of a run, as last seen by this process."""
    if run_id in _places and not _rehearsing.get():
        return _places[run_id]
    community_id, zone = _place_of_run(run_id)
    remember_place(run_id, community_id, zone)
    return community_id, zone


@remembered
def _place_of_run(run_id: int) -> tuple[int, str]:
    community_id, zone = Run.objects.values_list("community_id", "zone").get(pk=run_id)
    return int(community_id), str(zone)


def remember_place(run_id: int, community_id: int, zone: str) -> None:
    """What a batch has just read: a zone that another process changed is known with the next batch."""
    if not _rehearsing.get():
        if len(_places) > 50_000:
            _places.clear()
        _places[run_id] = community_id, zone


def known_step(step_id: int) -> Known:
    """One step by its row's id."""
    edition_id = _edition_of_step.get(step_id)
    if edition_id is None:
        edition_id = int(Step.objects.values_list("edition_id", flat=True).get(pk=step_id))
    return steps_of(edition_id)[step_id]


def forget() -> None:
    """Drop what is kept: for tests and after a rolled-back transaction, which frees ids again."""
    document_of.cache_clear()
    steps_of.cache_clear()
    _edition_of_step.clear()
    _places.clear()


def _known(row: Step, document: Playbook) -> Known:
    step = document.step(row.code)
    named = [step.when] if step.when is not None else []
    if step.audience.startswith("segment:"):
        named.append(step.audience.removeprefix("segment:"))
    known = [t for t in named if not isinstance(t, str) or t in document.segments]
    trees = tuple(document.segments[t] if isinstance(t, str) else t for t in known)
    fields = steps.get(row.kind).fields.model_validate(step.with_)
    return Known(row, step, Due(row.pk, fields), trees)


def matches(
    trees: Iterable[Any], member: str, *, now: datetime, community_id: int, zone: str
) -> tuple[str, list[Any]]:
    """SQL that says whether the member in the column `member` matches all trees. Empty: nothing to ask."""
    parts: list[str] = []
    params: list[Any] = []
    for tree in trees:
        asking = Asking(now, frozenset({community_id}), community_id, ZoneInfo(zone))
        found = members_matching(tree, asking).filter(
            pk=RawSQL(member, ())  # noqa: S611 -- a column name from our own code
        )
        sql, given = found.order_by().values("pk").query.sql_with_params()
        parts.append(f"EXISTS ({sql})")
        params.extend(given)
    return " AND ".join(parts), params
