"""Playbooks as plain files: out with the wordings they use, in again, and away.

A file is YAML: a sheet of wordings (`chaguan-scripts/1`) and a playbook (`chaguan-playbook/1`), two documents
with `---` between them, or the playbook alone. Both say their licence and language, the playbook its version.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.playbooks.actions.library import publish_playbook, publish_script
from chaguan.playbooks.document import SCRIPT_FORMAT, ScriptSheet
from chaguan.playbooks.document import Script as ScriptDocument
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.models import Edition, Playbook, Script
from chaguan.playbooks.policies import may_edit_playbooks
from chaguan.playbooks.reading import dump, load_playbook, load_scripts
from chaguan.playbooks.selectors.library import editions_visible_to

_BORDER = re.compile(r"^---[ \t]*$", re.MULTILINE)
MAX_CHARS = 1_000_000


def export_edition(actor: Actor, edition_id: int, *, with_wordings: bool = True) -> str:
    """An edition as its author wrote it, after the wordings its steps use. Raises: Missing for strangers."""
    edition = editions_visible_to(actor).filter(pk=edition_id).first()
    if edition is None:
        raise Missing
    used = Script.objects.filter(uses__edition=edition).distinct().order_by("key")
    rows = list(used.select_related("current")) if with_wordings else []
    source = edition.source.strip() + "\n"
    if not rows:
        return source
    return f"{dump(_sheet(rows, edition))}---\n{source}"


def import_playbook(
    actor: Actor, text: str, *, now: datetime, replace_wordings: bool = False
) -> Edition:
    """Take in a file that `export_edition` or a person wrote; the same file twice changes nothing.

    A wording that exists here and says something else is refused by name, unless `replace_wordings`: other
    playbooks use it, too.

    Emits: ScriptChanged and EditionPublished for what is new.
    Raises: Refused (may_edit_playbooks), BadDocument with every place, Invalid with one sentence.
    """
    require(may_edit_playbooks(actor))
    sheets, source = _taken_apart(text)
    with transaction.atomic():
        wordings = [(script, sheet.language) for sheet in sheets for script in sheet.scripts]
        if not replace_wordings:
            _refuse_others([script for script, _language in wordings])
        for script, language in wordings:
            publish_script(actor, script, now=now, language=language)
        edition = publish_playbook(actor, source, now=now)
        Playbook.objects.filter(pk=edition.playbook_id, is_archived=True).update(is_archived=False)
        return edition


@transaction.atomic
def remove_playbook(actor: Actor, playbook_id: int) -> bool:
    """Delete a playbook, or put it away where runs need its editions. True: it is gone for good.

    Raises: Refused (may_edit_playbooks), Missing.
    """
    require(may_edit_playbooks(actor))
    playbook = Playbook.objects.select_for_update().filter(pk=playbook_id).first()
    if playbook is None:
        raise Missing
    playbook.current = None
    try:
        with transaction.atomic():
            playbook.save(update_fields=["current"])
            playbook.delete()
    except ProtectedError:
        Playbook.objects.filter(pk=playbook_id).update(is_archived=True)
        return False
    return True


@transaction.atomic
def bring_back(actor: Actor, playbook_id: int) -> Playbook:
    """Put a playbook that was put away back on the shelf, with its newest edition.

    Raises: Refused (may_edit_playbooks), Missing for one that is not put away.
    """
    require(may_edit_playbooks(actor))
    rows = Playbook.objects.select_for_update().filter(pk=playbook_id, is_archived=True)
    playbook = rows.first()
    newest = Edition.objects.filter(playbook_id=playbook_id).order_by("-number").first()
    if playbook is None or newest is None:
        raise Missing
    playbook.current, playbook.is_archived = newest, False
    playbook.save(update_fields=["current", "is_archived"])
    return playbook


def _sheet(rows: Sequence[Script], edition: Edition) -> ScriptSheet:
    scripts = []
    for row in rows:
        version = row.current
        if version is None:
            continue
        said = {
            "key": row.key,
            "title": row.title,
            "idea": row.idea,
            "for": row.types,
            "stages": row.stages,
            "variables": version.variables,
            "text": version.text,
            "variants": version.variants,
        }
        scripts.append(ScriptDocument.model_validate({k: v for k, v in said.items() if v}))
    document = document_of(edition.pk)
    head = {"format": SCRIPT_FORMAT, "language": document.language, "licence": document.licence}
    return ScriptSheet.model_validate({**head, "scripts": scripts})


def _taken_apart(text: str) -> tuple[list[ScriptSheet], str]:
    """The sheets of wordings, and the text of the one playbook."""
    if len(text) > MAX_CHARS:
        raise Invalid(_("The file is longer than a million characters."))
    parts = [part for part in _BORDER.split(text.removeprefix("\ufeff")) if part.strip()]
    sheets = [part for part in parts if re.search(r"^format:\s*chaguan-scripts/", part, re.M)]
    books = [part for part in parts if part not in sheets]
    if len(books) != 1:
        raise Invalid(
            _("The file holds %(count)d playbooks; one is taken at a time.") % {"count": len(books)}
        )
    load_playbook(books[0])
    return [load_scripts(part) for part in sheets], books[0].lstrip("\n")


def _refuse_others(scripts: Sequence[ScriptDocument]) -> None:
    known = {
        row.key: row.current
        for row in Script.objects.filter(key__in=[s.key for s in scripts]).select_related("current")
    }
    differ = [
        script.key
        for script in scripts
        if (version := known.get(script.key)) is not None
        and (version.text, list(version.variants)) != (script.text, list(script.variants))
    ]
    if differ:
        raise Invalid(
            _("These wordings say something else here, and other playbooks use them: %(keys)s.")
            % {"keys": ", ".join(sorted(differ))}
        )
