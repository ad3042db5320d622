"""One member's story (用户旅程): facts of every app, notes and more, in the order of time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Logged, catalogue
from chaguan.eventlog.selectors import as_logged, facts_of_member
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.people.contract.reach import Reach, reach_of
from chaguan.people.contract.timeline import Entry, routine, sources, wordings
from chaguan.people.selectors.members import VIEW, may_see_member
from chaguan.people.selectors.notes import notes_visible_to

NOTE = _("Note")


def timeline(
    actor: Actor, member_id: int, *, before: datetime | None = None, limit: int = 50
) -> list[Entry]:
    """The newest `limit` entries older than `before`, newest first. Raises Missing for strangers.

    Staff see what happened in communities where they may view members, and what belongs to none;
    stewards only what happened in theirs. Statements: 3, and one per app that adds words.
    """
    if not may_see_member(actor, member_id):
        raise Missing
    reach = reach_of(actor, VIEW)
    entries = [
        *_facts(actor, member_id, reach, before, limit),
        *_notes(actor, member_id, before, limit),
    ]
    for _name, source in sources:
        entries.extend(source(actor, member_id, before, limit))
    entries.sort(key=lambda entry: (entry.at, entry.event_id or 0), reverse=True)
    return entries[:limit]


def _facts(
    actor: Actor, member_id: int, reach: Reach, before: datetime | None, limit: int
) -> list[Entry]:
    rows = facts_of_member(member_id).exclude(name__in=routine)
    if before is not None:
        rows = rows.filter(at__lt=before)
    if reach.community_ids is not None:
        inside = Q(community_id__in=reach.community_ids)
        rows = rows.filter(inside if actor.kind == "member" else inside | Q(community_id=None))
    facts = [as_logged(row) for row in rows[:limit]]
    titles = {name: cls.title for name, cls in catalogue()}
    texts = _texts(facts)
    return [
        Entry(
            fact.at,
            fact.name,
            titles.get(fact.name, fact.name),
            texts.get(fact.id, ""),
            fact.community_id,
            fact.id,
            fact.actor,
        )
        for fact in facts
    ]


def _texts(facts: Sequence[Logged]) -> dict[int, str | Promise]:
    by_name: dict[str, list[Logged]] = defaultdict(list)
    for fact in facts:
        by_name[fact.name].append(fact)
    texts: dict[int, str | Promise] = {}
    for name, some in by_name.items():
        if name in wordings:
            texts.update(wordings.get(name)(some))
    return texts


def _notes(actor: Actor, member_id: int, before: datetime | None, limit: int) -> list[Entry]:
    notes = notes_visible_to(actor, member_id)
    if before is not None:
        notes = notes.filter(at__lt=before)
    return [
        Entry(note.at, "people.note", NOTE, note.text, note.community_id, None, note.by, True)
        for note in notes[:limit]
    ]
