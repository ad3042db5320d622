"""Drafts: copying a playbook, changing the next edition step by step, undoing, publishing.

Every change names the version it was made on; two people at once cannot overwrite each other. Each state
of the text is kept for undo, so edits are not facts of the log: opening, discarding and publishing are.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.playbooks import editing
from chaguan.playbooks.actions.library import publish_playbook
from chaguan.playbooks.document_faults import RESERVED_KEYS, reserved
from chaguan.playbooks.editing import Values
from chaguan.playbooks.errors import BadDocument, DraftMoved, Problem
from chaguan.playbooks.events import DraftDiscarded, DraftOpened
from chaguan.playbooks.models import Draft, DraftState, Edition, Playbook
from chaguan.playbooks.patching import patched
from chaguan.playbooks.policies import may_edit_playbooks
from chaguan.playbooks.reading import MAX_CHARS, written

__all__ = [
    "change_step",
    "copy_playbook",
    "discard_draft",
    "edit_draft",
    "editing",
    "open_draft",
    "publish_draft",
    "redo_draft",
    "undo_draft",
    "write_draft",
]

HISTORY = 100  # states kept per draft
TOGETHER = timedelta(seconds=30)  # edits of one field by one person within this are one state
KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
VERSION = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}")


@transaction.atomic
def copy_playbook(actor: Actor, edition_id: int, *, key: str, title: str, now: datetime) -> Draft:
    """A new playbook under her own key, as a draft; it stands in the library once it is published.

    Emits: DraftOpened. Raises: Refused (may_edit_playbooks), Missing, Invalid for a key that is taken, or
    is an address of the console.
    """
    require(may_edit_playbooks(actor))
    edition = Edition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise Missing
    if not KEY.fullmatch(key):
        raise Invalid(_("A key is 2 to 40 small letters, digits and _, with a letter first."))
    if key in RESERVED_KEYS:
        raise Invalid(reserved(key), code="key_reserved")
    if not title.strip():
        raise Invalid(_("Give the copy a title."))
    try:
        with transaction.atomic():
            playbook = Playbook.objects.create(key=key, title=title[:200], created_at=now)
    except IntegrityError:
        text = _("There is a playbook called “%(key)s” already; choose another key.")
        raise Invalid(text % {"key": key}, code="key_taken") from None
    values = written(edition.source)
    fresh = {**values, "key": key, "title": title.strip()[:200], "version": "1.0.0"}
    return _open(actor, playbook, edition, patched(edition.source, values, fresh), now)


@transaction.atomic
def open_draft(actor: Actor, playbook_id: int, *, now: datetime) -> Draft:
    """The draft of a playbook: the one that is there, else a new one from the current edition.

    Emits: DraftOpened, for a new one. Raises: Refused (may_edit_playbooks), Missing.
    """
    require(may_edit_playbooks(actor))
    playbook = Playbook.objects.select_for_update().filter(pk=playbook_id).first()
    if playbook is None:
        raise Missing
    draft = Draft.objects.filter(playbook=playbook).first()
    if draft is not None:
        return draft
    if playbook.current is None:
        raise Missing
    return _open(actor, playbook, playbook.current, playbook.current.source, now)


@transaction.atomic
def edit_draft(
    actor: Actor,
    draft_id: int,
    version: int,
    change: Callable[[Values], Any],
    *,
    what: str = "",
    now: datetime,
) -> Draft:
    """Change the values of a draft; the text changes only where they do. Nothing changed: nothing kept.

    Raises: Refused (may_edit_playbooks), Missing, DraftMoved, BadDocument for a text that cannot be read,
    and what `change` raises.
    """
    draft = _claimed(actor, draft_id, version)
    old = written(draft.text)
    new = deepcopy(old)
    change(new)
    return _keep(actor, draft, patched(draft.text, old, new), what, now)


@transaction.atomic
def write_draft(actor: Actor, draft_id: int, version: int, text: str, *, now: datetime) -> Draft:
    """Replace the whole text, whatever it says: also YAML that cannot be read is kept.

    Raises: Refused (may_edit_playbooks), Missing, DraftMoved, Invalid for more than 500,000 characters.
    """
    draft = _claimed(actor, draft_id, version)
    if len(text) > MAX_CHARS:
        raise Invalid(_("The text is longer than 500,000 characters."))
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return _keep(actor, draft, text, "text", now)


def change_step(
    actor: Actor,
    draft_id: int,
    version: int,
    code: str,
    fields: Mapping[str, Any],
    *,
    now: datetime,
) -> Draft:
    """Change fields of one step; None takes a field away. Raises as edit_draft."""
    what = f"step {code} {' '.join(sorted(fields))}"[:80]
    return edit_draft(
        actor,
        draft_id,
        version,
        lambda values: editing.change_step(values, code, fields),
        what=what,
        now=now,
    )


@transaction.atomic
def undo_draft(actor: Actor, draft_id: int, version: int, *, now: datetime) -> Draft:
    """Go back by one state; nothing is lost. At the first state nothing changes.

    Raises: Refused (may_edit_playbooks), Missing, DraftMoved.
    """
    draft = _claimed(actor, draft_id, version)
    earlier = draft.states.filter(place__lt=draft.place).order_by("-place").first()
    return _go_to(actor, draft, earlier, now)


@transaction.atomic
def redo_draft(actor: Actor, draft_id: int, version: int, *, now: datetime) -> Draft:
    """Go forward again by one state. Raises as undo_draft."""
    draft = _claimed(actor, draft_id, version)
    later = draft.states.filter(place__gt=draft.place).order_by("place").first()
    return _go_to(actor, draft, later, now)


@transaction.atomic
def discard_draft(actor: Actor, draft_id: int, version: int, *, now: datetime) -> None:
    """Throw a draft away with its history; a copy that was never published goes with it.

    Emits: DraftDiscarded. Raises: Refused (may_edit_playbooks), Missing, DraftMoved.
    """
    draft = _claimed(actor, draft_id, version)
    playbook = draft.playbook
    draft.delete()
    record(DraftDiscarded(playbook.pk), actor=actor, at=now)
    if playbook.current is None and not playbook.editions.exists():
        playbook.delete()


@transaction.atomic
def publish_draft(
    actor: Actor, draft_id: int, version: int, *, number: str, note: str, now: datetime
) -> Edition:
    """Make the draft the current edition under this version number; the draft is used up.

    Runs that are under way stay on their edition.

    Emits: EditionPublished.
    Raises: Refused (may_edit_playbooks), Missing, DraftMoved, Invalid without a note, for a version that
    exists or for no change, BadDocument with everything that is wrong.
    """
    draft = _claimed(actor, draft_id, version)
    playbook = draft.playbook
    if not note.strip():
        raise Invalid(_("Say in a sentence what changed."), code="note_missing")
    if not VERSION.fullmatch(number):
        raise Invalid(_("A version is three numbers, for example 1.2.0."), code="version_wrong")
    if playbook.editions.filter(version=number).exists():
        text = _("Version %(version)s exists already; take a higher one.")
        raise Invalid(text % {"version": number}, code="version_taken")
    values = written(draft.text)
    if values.get("key") != playbook.key:
        text = _("The key of this playbook is “%(key)s” and stays so; copy it to have another.")
        raise BadDocument([Problem("key", text % {"key": playbook.key})])
    source = patched(draft.text, values, {**values, "version": number})
    last = playbook.editions.count()
    edition = publish_playbook(actor, source, now=now, note=note.strip())
    if edition.number <= last:
        raise Invalid(_("Nothing has changed, so there is nothing to publish."), code="no_change")
    draft.delete()
    return edition


def _open(actor: Actor, playbook: Playbook, base: Edition, text: str, now: datetime) -> Draft:
    draft = Draft.objects.create(
        playbook=playbook,
        base=base,
        text=text,
        created_at=now,
        updated_at=now,
        by=actor.reference,
    )
    DraftState.objects.create(draft=draft, place=1, text=text, at=now, by=actor.reference)
    record(DraftOpened(playbook.pk, draft.pk), actor=actor, at=now)
    return draft


def _claimed(actor: Actor, draft_id: int, version: int) -> Draft:
    """The draft, locked, with its version one higher: whoever comes second with the old one is refused."""
    require(may_edit_playbooks(actor))
    mine = Draft.objects.filter(pk=draft_id, version=version).update(version=F("version") + 1)
    draft = Draft.objects.select_related("playbook").filter(pk=draft_id).first()
    if draft is None:
        raise Missing
    if not mine:
        raise DraftMoved(draft.by, draft.version)
    return draft


def _keep(actor: Actor, draft: Draft, text: str, what: str, now: datetime) -> Draft:
    """Make the text the newest state; what was undone before is gone. Quick edits of one field are one."""
    if text == draft.text:
        return draft
    draft.states.filter(place__gt=draft.place).delete()
    last = draft.states.filter(place=draft.place).first()
    is_more_of_it = (
        last is not None
        and what != ""
        and (last.what, last.by) == (what, actor.reference)
        and now - last.at <= TOGETHER
    )
    if is_more_of_it and last is not None:
        last.text, last.at = text, now
        last.save(update_fields=["text", "at"])
    else:
        draft.place += 1
        draft.states.create(
            place=draft.place, text=text, what=what[:80], at=now, by=actor.reference
        )
        draft.states.filter(place__lte=draft.place - HISTORY).delete()
    return _show(actor, draft, text, now)


def _go_to(actor: Actor, draft: Draft, state: DraftState | None, now: datetime) -> Draft:
    if state is None:
        return draft
    draft.place = state.place
    return _show(actor, draft, state.text, now)


def _show(actor: Actor, draft: Draft, text: str, now: datetime) -> Draft:
    draft.text, draft.updated_at, draft.by = text, now, actor.reference
    draft.save(update_fields=["text", "place", "updated_at", "by"])
    return draft
