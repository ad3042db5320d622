"""Publishing playbooks and wordings, and loading the library that comes with the product."""

from datetime import datetime
from pathlib import Path

import structlog
from django.db import transaction

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require
from chaguan.playbooks.actions.fitting import require_types_allow
from chaguan.playbooks.checks import missing_values, script_problems, scripts_of, tree_problems
from chaguan.playbooks.document import Playbook as PlaybookDocument
from chaguan.playbooks.document import Script as ScriptDocument
from chaguan.playbooks.document import Step as StepDocument
from chaguan.playbooks.document import seconds_of
from chaguan.playbooks.errors import BadDocument, Problem
from chaguan.playbooks.events import EditionPublished, ScriptChanged
from chaguan.playbooks.models import Edition, Playbook, Script, ScriptVersion, Step
from chaguan.playbooks.policies import may_edit_playbooks
from chaguan.playbooks.reading import content_hash, hash_of, load_playbook, load_scripts, plain
from chaguan.playbooks.types import TrackKind

log = structlog.get_logger(__name__)
LIBRARY = Path(__file__).parent.parent / "library"


@transaction.atomic
def publish_playbook(
    actor: Actor, source: str, *, now: datetime, is_library: bool = False, note: str = ""
) -> Edition:
    """Check a playbook's text and make it the current edition; the same content again changes nothing.

    Runs that are under way stay on their edition.

    Emits: EditionPublished, once per new edition.
    Raises: Refused (may_edit_playbooks), BadDocument with every place that is wrong.
    """
    require(may_edit_playbooks(actor))
    document = load_playbook(source)
    if problems := list(tree_problems(document, now)):
        raise BadDocument(problems)
    require_types_allow(document)
    playbook, _new = Playbook.objects.get_or_create(
        key=document.key,
        defaults={"title": document.title, "is_library": is_library, "created_at": now},
    )
    playbook = Playbook.objects.select_for_update().get(pk=playbook.pk)
    digest = content_hash(document)
    edition = playbook.editions.filter(content_hash=digest).first()
    if edition is None:
        edition = _new_edition(actor, playbook, document, source, note, now)
        fact = EditionPublished(playbook.pk, edition.pk, edition.number)
        record(fact, actor=actor, at=now)
    playbook.current = edition
    playbook.title = document.title
    playbook.types = [kind.value for kind in document.for_]
    playbook.save(update_fields=["current", "title", "types"])
    return edition


@transaction.atomic
def publish_script(
    actor: Actor,
    script: ScriptDocument,
    *,
    now: datetime,
    language: str = "zh-Hans",
    is_library: bool = False,
) -> ScriptVersion:
    """Save a wording; a changed text becomes a new version, used by what is planned from now on.

    Emits: ScriptChanged, once per new version.
    Raises: Refused (may_edit_playbooks), BadDocument on unknown variables, broken markup, and a variable
    without a default that a running or current edition does not fill.
    """
    require(may_edit_playbooks(actor))
    if problems := [Problem(place, sentence) for place, sentence in script.faults()]:
        raise BadDocument(problems)
    row, _new = Script.objects.get_or_create(
        key=script.key,
        defaults={"title": script.title, "is_library": is_library, "created_at": now},
    )
    row = Script.objects.select_for_update(of=("self",)).select_related("current").get(pk=row.pk)
    said = {
        "text": script.text,
        "variants": list(script.variants),
        "variables": {name: known.model_dump() for name, known in script.variables.items()},
    }
    digest = hash_of(said)
    version = row.current
    if version is None or version.content_hash != digest:
        if problems := list(missing_values(row.pk, script)):
            raise BadDocument(problems)
        last = row.versions.order_by("-number").values_list("number", flat=True).first() or 0
        version = row.versions.create(
            number=last + 1, content_hash=digest, created_at=now, by=actor.reference, **said
        )
        record(ScriptChanged(row.pk, version.pk, version.number), actor=actor, at=now)
    row.current, row.title, row.idea, row.language = version, script.title, script.idea, language
    row.types, row.stages = [t.value for t in script.for_], list(script.stages)
    row.save()
    return version


def load_library(actor: Actor, *, now: datetime, folder: Path = LIBRARY) -> int:
    """Bring the shipped wordings and playbooks into the database; returns how many were new or changed.

    Safe to run at every start. What people have edited since is left alone: only rows whose current text
    is still a shipped one move to the new one.
    """
    sheets = [load_scripts(_text_of(file)) for file in sorted((folder / "scripts").glob("*.yaml"))]
    changed, waiting = 0, []
    for sheet in sheets:
        for script in sheet.scripts:
            try:
                changed += _load_script(actor, script, sheet.language, now)
            except BadDocument:
                waiting.append((script, sheet.language))
    for file in sorted((folder / "playbooks").glob("*.yaml")):
        changed += _load_playbook(actor, _text_of(file), now)
    for script, language in waiting:  # the new editions may fill what the old ones lacked
        try:
            changed += _load_script(actor, script, language, now)
        except BadDocument as lack:
            log.warning(
                "a wording waits until every run can fill it", key=script.key, why=str(lack)
            )
    return changed


def _text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _load_script(actor: Actor, script: ScriptDocument, language: str, now: datetime) -> int:
    known = Script.objects.select_related("current").filter(key=script.key).first()
    current = known.current if known else None
    if current is not None and not current.by.startswith("system"):
        return 0
    version = publish_script(actor, script, now=now, language=language, is_library=True)
    return int(version != current)


def _load_playbook(actor: Actor, source: str, now: datetime) -> int:
    document = load_playbook(source)
    known = Playbook.objects.select_related("current").filter(key=document.key).first()
    current = known.current if known else None
    if current is not None and (
        not current.by.startswith("system") or current.content_hash == content_hash(document)
    ):
        return 0
    publish_playbook(actor, source, now=now, is_library=True)
    return 1


def _new_edition(
    actor: Actor,
    playbook: Playbook,
    document: PlaybookDocument,
    source: str,
    note: str,
    now: datetime,
) -> Edition:
    scripts = scripts_of(document)
    if problems := list(script_problems(document, scripts)):
        raise BadDocument(problems)
    last = playbook.editions.order_by("-number").values_list("number", flat=True).first() or 0
    edition = playbook.editions.create(
        number=last + 1,
        version=document.version,
        content_hash=content_hash(document),
        document=plain(document),
        source=source,
        note=note[:200],
        created_at=now,
        by=actor.reference,
    )
    personal = {track.key for track in document.tracks if track.kind == TrackKind.PERSONAL}
    Step.objects.bulk_create(
        _row(
            edition, place, step, scripts.get(step.script or ""), is_personal=step.track in personal
        )
        for place, step in enumerate(document.steps)
    )
    return edition


def _row(
    edition: Edition, place: int, step: StepDocument, script: Script | None, *, is_personal: bool
) -> Step:
    return Step(
        edition=edition,
        place=place,
        code=step.id,
        title=step.title,
        track=step.track,
        is_personal=is_personal,
        kind=step.kind,
        mode=step.mode,
        actor=step.actor,
        audience=step.audience,
        purpose=step.purpose,
        script=script,
        text=step.text or "",
        is_promotion=step.promotion,
        is_urgent=step.urgent,
        needs_approval=step.needs_approval,
        lateness=step.lateness,
        late_after_s=seconds_of(step.late_after),
        minutes=step.minutes,
        needs=step.needs or "",
    )
