"""Importing history: take a file in, confirm where it goes, carry it out, stop it, carry it on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.channels.contract import importers
from chaguan.channels.errors import ImportNotReady, UnknownZone, Unreadable
from chaguan.channels.ingest.destination import Destination
from chaguan.channels.ingest.detection import Reading, items, recognise
from chaguan.channels.ingest.opening import open_history
from chaguan.channels.ingest.running import Ingest, MovedOn, Tally
from chaguan.channels.models import ImportRun
from chaguan.channels.policies import may_decide_import, may_import, may_upload_history
from chaguan.communities.actions.adopting import adopt_community
from chaguan.jobs.actions import cancel as cancel_job
from chaguan.jobs.actions import enqueue
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.ids import new_public_id
from chaguan.kernel.policy import require

JOB = "channels.import"
State = ImportRun.State
Report = Callable[[int, int], None]
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Plan:
    """What a person decided about a file. Empty `format` and `timezone` keep what we found ourselves.

    `community`: an id, or the name of one that is made if it is new. `room`: the name of the room for
    records that name none. `options` are the format's own.
    """

    community: int | str
    format: str = ""
    timezone: str = ""
    room: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def imports_folder() -> Path:
    """Where uploaded files wait. Made when missing, readable by us alone."""
    folder = Path(settings.HOME) / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def stage_upload(actor: Actor, file: BinaryIO, name: str, *, now: datetime) -> ImportRun:
    """Keep an uploaded file and recognise its format; a person then confirms where it goes.

    The file lies in CHAGUAN_HOME/imports under a name of ours. Raises: Refused; Unreadable with the
    reason, and then nothing is kept.
    """
    require(may_upload_history(actor))
    path = imports_folder() / new_public_id()
    try:
        digest, size = _copy(file, path)
        found = (digest, size, _recognised(path, name))
        return _staged(actor, path, name, found, now, is_upload=True)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _copy(file: BinaryIO, path: Path) -> tuple[str, int]:
    digest, size = sha256(), 0
    with path.open("xb") as out:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > settings.IMPORT_MAX_BYTES:
                raise Unreadable(code="too_large")
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest(), size


def _hashed(path: Path) -> tuple[str, int]:
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            digest.update(piece)
    return digest.hexdigest(), size


def _recognised(path: Path, name: str) -> str:
    with open_history(path, max_bytes=settings.IMPORT_MAX_BYTES, name=name) as history:
        return recognise(history)


def _staged(
    actor: Actor,
    path: Path,
    name: str,
    found: tuple[str, int, str],
    now: datetime,
    *,
    is_upload: bool,
) -> ImportRun:
    digest, size, format = found
    return ImportRun.objects.create(
        file_name=Path(name).name[-255:],
        path=str(path),
        is_upload=is_upload,
        sha256=digest,
        size_bytes=size,
        format=format,
        by_id=actor.user_id,
        created_at=now,
    )


@transaction.atomic
def confirm_import(actor: Actor, run_id: int, plan: Plan, *, now: datetime) -> ImportRun:
    """Decide where a staged file goes and let a worker carry it out.

    Raises: Refused, Missing, ImportNotReady, UnknownZone, UnknownCode.
    """
    run = settle_import(actor, run_id, plan, now=now)
    _enqueue(run, now)
    return run


@transaction.atomic
def settle_import(actor: Actor, run_id: int, plan: Plan, *, now: datetime) -> ImportRun:
    """Like `confirm_import`, but the caller carries it out itself (the command line does)."""
    run = _locked(run_id)
    require(may_decide_import(actor, run.community_id, run.by_id))
    if isinstance(plan.community, int):
        require(may_import(actor, plan.community))
        community_id = plan.community
    else:
        community_id = adopt_community(actor, plan.community, now=now)
    if run.state != State.UPLOADED:
        raise ImportNotReady
    format = plan.format or run.format
    _check_options(format, plan.options)
    run.community_id = community_id
    run.format = format
    run.timezone = str(zone_called(plan.timezone)) if plan.timezone else ""
    run.options = {**plan.options, **({"into_room": plan.room} if plan.room else {})}
    run.state = State.RUNNING
    run.save()
    return run


def _check_options(format: str, options: Mapping[str, Any]) -> None:
    known = importers.get(format).options
    if unknown := sorted(options.keys() - set(known)):
        sentence = _("The format %(format)s has no setting %(name)s. It has: %(known)s.")
        given = {"format": format, "name": unknown[0], "known": ", ".join(known) or "–"}
        raise Invalid(sentence % given)


def zone_called(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownZone from None


def _locked(run_id: int) -> ImportRun:
    run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise Missing
    return run


def _enqueue(run: ImportRun, now: datetime) -> None:
    run.job_id = enqueue(JOB, {"run_id": run.pk}, now=now, dedup_key=f"{JOB}:{run.pk}")
    run.save(update_fields=["job_id"])


@transaction.atomic
def cancel_import(actor: Actor, run_id: int, *, now: datetime) -> None:
    """Stop an import. What was stored stays, and it can be carried on; a file that waits is deleted.

    Raises: Refused, Missing, ImportNotReady.
    """
    run = _locked(run_id)
    require(may_decide_import(actor, run.community_id, run.by_id))
    if run.state not in (State.UPLOADED, State.RUNNING):
        raise ImportNotReady
    if run.state == State.UPLOADED and run.is_upload:
        Path(run.path).unlink(missing_ok=True)
        run.path = ""
    run.state, run.finished_at = State.CANCELLED, now
    run.save(update_fields=["state", "finished_at", "path"])
    if run.job_id is not None:
        with suppress(Missing):  # it ended in the meantime
            cancel_job(actor, run.job_id, now=now)


@transaction.atomic
def retry_import(actor: Actor, run_id: int, *, now: datetime) -> ImportRun:
    """Carry a stopped or failed import on behind its last stored batch. Raises Refused, ImportNotReady."""
    run = _locked(run_id)
    require(may_import(actor, run.community_id))
    if run.state not in (State.FAILED, State.CANCELLED) or run.community_id is None or not run.path:
        raise ImportNotReady
    run.state, run.error, run.finished_at = State.RUNNING, "", None
    run.save(update_fields=["state", "error", "finished_at"])
    _enqueue(run, now)
    return run


def import_file(
    actor: Actor, path: Path, plan: Plan, *, now: datetime, report: Report
) -> ImportRun:
    """Import a file of this machine at once, in this process; a run of it that broke off is carried on.

    Returns the run as it ended. Raises what staging and settling raise; what is wrong inside the file is
    told by the run's state and error.
    """
    if plan.timezone:
        zone_called(plan.timezone)
    require(may_upload_history(actor))
    digest, size = _hashed(path)
    format = plan.format or _recognised(path, path.name)
    with transaction.atomic():  # killed inside, it leaves no half-made run behind
        staged = _staged(
            actor, path.resolve(), path.name, (digest, size, format), now, is_upload=False
        )
        run = settle_import(actor, staged.pk, plan, now=now)
        if (earlier := _broken_off(run)) is not None:
            run.delete()
            run = earlier
    carry_out(run.pk, now=now, report=report)
    run.refresh_from_db()
    return run


@transaction.atomic
def _broken_off(run: ImportRun) -> ImportRun | None:
    """An earlier run of the same file with the same decisions that did not come to its end."""
    alike = ImportRun.objects.select_for_update().filter(
        sha256=run.sha256,
        community=run.community,
        format=run.format,
        timezone=run.timezone,
        options=run.options,
        is_upload=False,
        job_id=None,
        state__in=[State.RUNNING, State.FAILED, State.CANCELLED],
    )
    earlier = alike.exclude(pk=run.pk).order_by("-records_done", "-pk").first()
    if earlier is not None:
        earlier.path, earlier.state, earlier.error = run.path, State.RUNNING, ""
        earlier.finished_at = None
        earlier.save(update_fields=["path", "state", "error", "finished_at"])
    return earlier


def carry_out(run_id: int, *, now: datetime, report: Report) -> None:
    """Import a confirmed run to its end, from wherever it stands. Called by the worker and the command.

    `report(bytes read, records)` is called after each batch has been committed. A file that breaks off or
    turns out to be a trap ends the run as failed, with the reason; what came before it is kept.
    Actor: `system:import:<run id>`; subscribers that act on the living world skip its facts.
    """
    run = ImportRun.objects.get(pk=run_id)
    if run.state != State.RUNNING or run.community_id is None:
        return
    try:
        for bytes_read, records in _batches(run, now):
            report(bytes_read, records)
    except MovedOn:
        return
    except Unreadable as broken:
        _finish(run, State.FAILED, str(broken.message))
    except FileNotFoundError:
        _finish(run, State.FAILED, str(Unreadable.message))
    else:
        _finish(run, State.DONE)


def _batches(run: ImportRun, now: datetime) -> Iterator[tuple[int, int]]:
    actor = Actor.system(f"import:{run.pk}")
    destination = Destination.of(actor, run, now)
    reading = Reading(run.format, destination.zone_for(run.timezone), run.options)
    ingest = Ingest(actor, destination.channel, destination.place_of, now, Tally.of(run))
    max_bytes = settings.IMPORT_MAX_BYTES
    with open_history(Path(run.path), max_bytes=max_bytes, name=run.file_name) as history:
        read = items(history, reading)
        for bytes_read in ingest.run(run.pk, read, lambda: history.bytes_read):
            yield bytes_read, ingest.tally.items


def _finish(run: ImportRun, state: str, error: str = "") -> None:
    """Close the books. The uploaded file goes when all of it is in.

    The clock is read here: an import runs for minutes, and its end is not its beginning.
    """
    closed = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING)
    is_over = state == State.DONE and run.is_upload
    changes = {"path": ""} if is_over else {}
    if closed.update(state=state, error=error, finished_at=clock.now(), **changes) and is_over:
        Path(run.path).unlink(missing_ok=True)
