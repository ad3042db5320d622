"""Questions about imports. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chaguan.channels.contract import BadLine, Importer, Record, importers
from chaguan.channels.ingest.detection import Reading, items
from chaguan.channels.ingest.opening import open_history
from chaguan.channels.models import ImportRun as ImportRun
from chaguan.communities.selectors import community_ids_with
from chaguan.communities.types import Right
from chaguan.jobs.selectors import JobProgress, progress_of
from chaguan.kernel.actor import Actor

SAMPLE_ITEMS = 200


def imports_visible_to(actor: Actor) -> QuerySet[ImportRun]:
    """Imports into communities where the actor may import, and the actor's own staged files; newest first."""
    runs = ImportRun.objects.select_related("community").order_by("-pk")
    ids = community_ids_with(actor, Right.IMPORT)
    if ids is None:
        return runs
    own = Q(community=None, by_id=actor.user_id) if actor.user_id is not None else Q(pk=None)
    return runs.filter(Q(community_id__in=ids) | own)


def size_of(run_id: int) -> int:
    """Bytes of the file on disk: what progress is measured against."""
    return ImportRun.objects.values_list("size_bytes", flat=True).get(pk=run_id)


def formats() -> list[tuple[str, Importer]]:
    """All formats we read, by code."""
    return list(importers)


def imports_of_same_file(actor: Actor, run: ImportRun) -> QuerySet[ImportRun]:
    """Other imports of the very same bytes: a hint before the same file goes in twice."""
    return imports_visible_to(actor).filter(sha256=run.sha256).exclude(pk=run.pk)


@dataclass(frozen=True)
class Preview:
    """The beginning of a staged file as it would be read."""

    records: list[Record]
    problems: list["Problem"]
    rooms: list[str]


@dataclass(frozen=True)
class Problem:
    """One line that was not taken as it stood, in the reader's language. `line` 0: not a single line."""

    line: int
    reason: str
    sample: str


def preview(run: ImportRun, *, timezone: str = "", format: str = "") -> Preview:
    """Read the first 200 entries of a staged file without storing anything.

    Raises Unreadable when the file is no longer there or breaks at once.
    """
    zone = ZoneInfo(timezone or run.timezone or settings.TIME_ZONE)
    reading = Reading(format or run.format, zone, run.options)
    records: list[Record] = []
    problems: list[Problem] = []
    path = Path(run.path)
    with open_history(path, max_bytes=settings.IMPORT_MAX_BYTES, name=run.file_name) as history:
        for item in islice(items(history, reading), SAMPLE_ITEMS):
            if isinstance(item, Record):
                records.append(item)
            elif isinstance(item, BadLine):
                problems.append(Problem(item.line, _(item.reason), item.sample))
    rooms = list(dict.fromkeys(record.room for record in records if record.room))
    return Preview(records, problems, rooms)


@dataclass(frozen=True)
class ImportStatus:
    """One import as a person reads it: how far, how fast, what came of it, what was left out and why."""

    state: str
    share: float | None  # 0 to 1
    records: int
    per_second: int | None
    counts: dict[str, int]
    first_at: datetime | None
    last_at: datetime | None
    skipped: list[tuple[str, int]]
    problems: list[Problem]
    problems_total: int
    error: str

    @property
    def is_open(self) -> bool:
        return self.state == ImportRun.State.RUNNING


def status_of(run: ImportRun) -> ImportStatus:
    """The status of one import. A run whose job gave up shows as failed. Queries: 1."""
    job = progress_of(run.job_id)
    state, error = run.state, run.error
    if state == ImportRun.State.RUNNING and job is not None and job.state == "dead":
        state, error = ImportRun.State.FAILED.value, job.error
    counts = dict(run.counts)
    by_reason: dict[str, int] = counts.pop("skipped_by_reason", {})
    share = run.bytes_done / run.size_bytes if run.size_bytes else None
    return ImportStatus(
        state=state,
        share=1.0 if state == ImportRun.State.DONE else share,
        records=run.records_done,
        per_second=_rate(run, job),
        counts=counts,
        first_at=run.first_at,
        last_at=run.last_at,
        skipped=[(_(reason), amount) for reason, amount in sorted(by_reason.items())],
        problems=[Problem(line, _(reason), sample) for line, reason, sample in run.problems],
        problems_total=counts.get("bad", 0) + counts.get("repaired", 0),
        error=error,
    )


def _rate(run: ImportRun, job: JobProgress | None) -> int | None:
    """Records a second over the whole run, once it has ended."""
    start = job.created_at if job else run.created_at
    if run.finished_at is None or not run.records_done:
        return None
    seconds = (run.finished_at - start).total_seconds()
    return round(run.records_done / seconds) if seconds > 0 else None
