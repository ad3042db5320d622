"""Drafts for screens: who may see them, what is wrong, their board, what publishing would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from chaguan.communities.selectors.rights import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.playbooks.checks import script_problems, scripts_of, tree_problems
from chaguan.playbooks.contract import steps
from chaguan.playbooks.diff import (
    FIELDS,
    PARTS,
    Change,
    diff,
    in_plain,
    proposed_version,
    sentence,
    unified,
    unified_text,
)
from chaguan.playbooks.document import Playbook as PlaybookDocument
from chaguan.playbooks.editing import Values, parts_of, step_of
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.errors import Problem
from chaguan.playbooks.fitting import unfit_to_publish
from chaguan.playbooks.linting import Fault, Reading, read
from chaguan.playbooks.models import Draft, DraftState, Edition, Script
from chaguan.playbooks.offsets import BadOffset, parse_offset
from chaguan.playbooks.reading import as_yaml, written
from chaguan.playbooks.selectors.library import Column, column_of, column_order
from chaguan.playbooks.types import TrackKind

__all__ = [
    "FIELDS",
    "PARTS",
    "Change",
    "Draft",
    "Fault",
    "Reading",
    "in_plain",
    "parts_of",
    "sentence",
    "step_of",
    "unified_text",
]

UNCLEAR = "unclear"  # the column of steps whose time cannot be read
FULL_DAYS = 31  # up to so many days the board shows every day, also the empty ones


def drafts_visible_to(actor: Actor) -> QuerySet[Draft]:
    """All drafts, for those who may write playbooks; newest first."""
    rows = Draft.objects.select_related("playbook", "base").order_by("-updated_at", "pk")
    return rows if has_right_somewhere(actor, Right.EDIT_PLAYBOOKS) else rows.none()


def ways_back(draft: Draft) -> tuple[bool, bool]:
    """Whether there is something to undo and something to redo. One statement."""
    ends = DraftState.objects.filter(draft=draft).aggregate(first=Min("place"), last=Max("place"))
    return (ends["first"] or 0) < draft.place, (ends["last"] or 0) > draft.place


def reading_of(draft: Draft) -> Reading:
    """What the draft's text says."""
    return read(draft.text)


def faults_of(draft: Draft, now: datetime) -> list[Fault]:
    """Everything that is wrong, what blocks publishing first. Statements: 1, and those of conditions."""
    reading, key = reading_of(draft), draft.playbook.key
    document = reading.document
    if document is None:
        return reading.faults(reading.problems)
    problems = [*tree_problems(document, now), *script_problems(document, scripts_of(document))]
    if document.key != key:
        text = _("The key of this playbook is “%(key)s” and stays so; copy it to have another.")
        problems.append(Problem("key", text % {"key": key}))
    found = reading.faults(problems)
    for fault in unfit_to_publish(document):
        place = f"steps › {fault.step}" if fault.step else "for"
        problem = Problem(place, fault.sentence)
        found += reading.faults([problem], is_blocking=not fault.is_warning)
    return sorted(found, key=lambda fault: not fault.is_blocking)


@dataclass(frozen=True)
class DraftCard:
    """One step on the draft's board. What the author left out shows as empty."""

    code: str
    title: str
    time: str
    kind: str
    mode: str
    actor: str
    audience: str
    purpose: str
    is_promotion: bool
    needs: str
    day: int | None


@dataclass(frozen=True)
class DraftLane:
    """One track: its cards by column."""

    key: str
    title: str
    is_personal: bool
    cells: Sequence[tuple[Column, Sequence[DraftCard]]]


@dataclass(frozen=True)
class DraftBoard:
    """A draft as days × tracks."""

    columns: Sequence[Column]
    lanes: Sequence[DraftLane]
    steps: int


def draft_board(values: Values) -> DraftBoard:
    """Lay a draft out, whatever is missing in it. A step on five days stands in five columns. No queries."""
    columns: dict[str, Column] = {}
    placed: dict[tuple[str, str], list[DraftCard]] = {}
    entries = parts_of(values, "steps")
    for step in entries:
        for column, time in _places(str(step.get("offset") or "")):
            columns.setdefault(column.key, column)
            cell = placed.setdefault((str(step.get("track") or "room"), column.key), [])
            if all(card.code != str(step.get("id")) for card in cell):
                cell.append(_card(step, time, column.day))
    days = _days(columns)
    ordered = sorted(
        {**days, **columns}.values(), key=lambda c: (c.key != UNCLEAR, *column_order(c))
    )
    tracks = [
        (str(t.get("key")), str(t.get("title") or ""), t.get("kind"))
        for t in parts_of(values, "tracks")
    ]
    known = {key for key, _title, _kind in tracks}
    tracks += [(key, key, None) for key in dict.fromkeys(k for k, _c in placed) if key not in known]
    lanes = [
        DraftLane(
            key,
            title,
            kind == TrackKind.PERSONAL,
            [
                (column, sorted(placed.get((key, column.key), []), key=lambda card: card.time))
                for column in ordered
            ],
        )
        for key, title, kind in tracks
    ]
    return DraftBoard(ordered, lanes, len(entries))


def _places(offset: str) -> list[tuple[Column, str]]:
    try:
        return [column_of(moment, offset) for moment in parse_offset(offset).moments]
    except BadOffset:
        return [(Column(UNCLEAR, UNCLEAR, None), offset)]


def _days(columns: Mapping[str, Column]) -> dict[str, Column]:
    """The days between the first and the last, so that a step can be put on an empty one."""
    days = [
        c.day for c in columns.values() if c.day is not None and c.key[4:].lstrip("-").isdigit()
    ]
    if not days or max(days) - min(days) > FULL_DAYS:
        return {}
    span = range(min(days), max(days) + 2)
    return {f"day:{n}": Column(f"day:{n}", f"D{n}", n) for n in span if n}


def _card(step: Mapping[str, Any], time: str, day: int | None) -> DraftCard:
    return DraftCard(
        code=str(step.get("id") or ""),
        title=str(step.get("title") or ""),
        time=time,
        kind=str(step.get("kind") or ""),
        mode=str(step.get("mode") or "auto"),
        actor=str(step.get("actor") or "system"),
        audience=str(step.get("audience") or "room"),
        purpose=str(step.get("purpose") or ""),
        is_promotion=step.get("promotion") is True,
        needs=str(step.get("needs") or ""),
        day=day,
    )


@dataclass(frozen=True)
class Difference:
    """What one document changes against another: in parts, as text, and the version it asks for."""

    changes: Sequence[Change]
    text: str
    version: str


def difference(old: PlaybookDocument, new: PlaybookDocument) -> Difference:
    """Compare two documents. No queries."""
    return Difference(diff(old, new), unified(old, new), proposed_version(old, new))


def draft_difference(draft: Draft, document: PlaybookDocument) -> Difference:
    """What publishing the draft would change in the current edition; everything is new without one."""
    current = draft.playbook.current_id
    if current is None:
        return Difference((), "", document.version)
    return difference(document_of(current), document)


def editions_of(playbook_id: int) -> QuerySet[Edition]:
    """All editions, newest first, without their texts."""
    rows = Edition.objects.filter(playbook_id=playbook_id).order_by("-number")
    return rows.defer("source", "document")


def edition_difference(old: Edition, new: Edition) -> Difference:
    """Compare two editions of a playbook. At most two statements."""
    return difference(document_of(old.pk), document_of(new.pk))


def say_lines(value: Any) -> str:
    """A small mapping as lines a person can edit."""
    return as_yaml(value) if isinstance(value, Mapping) and value else ""


def read_lines(text: str) -> Values:
    """The mapping in the lines. Raises BadDocument in one sentence."""
    return written(text) if text.strip() else {}


def script_words(keys: Sequence[str]) -> dict[str, Script]:
    """Wordings by key with what they say now."""
    rows = Script.objects.filter(key__in=keys).select_related("current")
    return {script.key: script for script in rows}


def script_titles() -> list[tuple[str, str]]:
    """Every wording to choose from: key and title."""
    return list(Script.objects.order_by("title").values_list("key", "title"))


def step_kinds() -> list[tuple[str, Any]]:
    """Every kind of step to choose from: code and label."""
    return [(code, kind.label) for code, kind in steps]
