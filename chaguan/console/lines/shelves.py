"""The library in order: which purpose a playbook serves, and which of its steps wait for features."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.console.lines.playbooks import type_words
from chaguan.playbooks.selectors.library import document_in
from chaguan.playbooks.selectors.notation import PlaybookDocument

if TYPE_CHECKING:
    from chaguan.playbooks.models import Playbook

# Sections in their order: the words of keys that belong there. The first section that fits takes it.
SECTIONS: Mapping[str, tuple[str | Promise, tuple[str, ...]]] = {
    "phases": (_("Phases of a community"), ("phase_", "community_closing")),
    "cases": (_("Cases and crises"), ("crisis", "moderation", "rule_reminders")),
    "people": (
        _("Newcomers and stages of people"),
        ("newcomer", "stage_", "welcome", "traffic", "touch_plan", "winback", "alumni"),
    ),
    "camps": (
        _("Camps and delivery"),
        ("camp_", "delivery_", "win_feedback", "lecturer", "study_committee"),
    ),
    "events": (
        _("Events and sessions"),
        ("event_", "session", "ask_me", "book_club", "salon", "meetup", "chapter_rhythm"),
    ),
    "fans": (_("Loyal fans and chapters"), ("loyal_fan_", "chapter_")),
    "routines": (
        _("Routines"),
        (
            "daily",
            "weekly",
            "monthly",
            "duty",
            "neighbourhood",
            "holiday",
            "survey",
            "broadcast",
            "steward",
        ),
    ),
}
OTHER: str | Promise = _("Others")
BY_ANCHOR = {"event": "events", "person_joining": "people"}
BY_TYPE = {
    "traffic": "people",
    "newcomer": "people",
    "camp": "camps",
    "delivery": "camps",
    "loyal_fan": "fans",
    "regional": "fans",
}


@dataclass(frozen=True)
class Book:
    """One card of the shelf. `waiting` holds (title of the step, what it waits for)."""

    row: "Playbook"
    document: PlaybookDocument
    kinds: Sequence[str]
    waiting: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shelf:
    """One section of the library."""

    key: str
    title: str
    books: Sequence[Book]


def section_of(key: str, document: PlaybookDocument, types: Sequence[str]) -> str:
    """By its key; what a house wrote itself by its anchor, else by the one purpose of its types."""
    for section, (_title, words) in SECTIONS.items():
        if any(key.startswith(word) or f"_{word}" in f"_{key}" for word in words):
            return section
    if document.anchor in BY_ANCHOR:
        return BY_ANCHOR[document.anchor]
    meant = {BY_TYPE.get(kind, "") for kind in types}
    return meant.pop() if len(meant) == 1 else ""


def shelves(rows: Iterable["Playbook"], query: str) -> list[Shelf]:
    """The playbooks that hold every word of `query` in title, purpose or key, section by section."""
    asked = query.casefold().split()
    found: dict[str, list[Book]] = {}
    for row in rows:
        if row.current is None:
            continue
        document = document_in(row.current)
        text = f"{row.title} {document.purpose} {row.key}".casefold()
        if all(word in text for word in asked):
            waiting = [(step.title, step.needs) for step in document.steps if step.needs]
            book = Book(row, document, type_words(row.types), waiting)
            section = section_of(row.key, document, row.types)
            found.setdefault(section, []).append(book)
    titles = {key: title for key, (title, _words) in SECTIONS.items()} | {"": OTHER}
    order = ("people", "camps", "fans", "routines", "events", "cases", "phases", "")
    return [Shelf(key or "others", str(titles[key]), found[key]) for key in order if key in found]
