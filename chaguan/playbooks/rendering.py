"""The renderer of the outbox for steps: pinned wording, the run's values and the member's own, in batches."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.urls import reverse

from chaguan.kernel.remembering import remembered
from chaguan.outbox.contract import OutboxRow, renderers
from chaguan.people.selectors.names import names_of
from chaguan.playbooks.engine.catalogue import document_of, known_step
from chaguan.playbooks.engine.messages import RENDERER
from chaguan.playbooks.engine.newcomers import newcomers
from chaguan.playbooks.holds import room_delays
from chaguan.playbooks.models import Run, ScriptVersion
from chaguan.playbooks.planned import Slot, day_meant, texts_by_slot
from chaguan.playbooks.schedule import from_seconds
from chaguan.playbooks.wording import UnreadableText, render

log = structlog.get_logger(__name__)
WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
STOP_HINT = {
    "zh": "不想再收到这样的消息，回复“退订”就好。",
    "en": "To stop these messages, just reply “stop”.",
}


@renderers.add(RENDERER)
def render_steps(rows: Sequence[OutboxRow]) -> dict[int, str]:
    """The text of each row. Four statements for the batch; a row that lacks a value is left out."""
    return texts_of(rows, _runs({row.payload["run"] for row in rows}))


@remembered
def _runs(run_ids: set[int]) -> dict[int, Run]:
    return Run.objects.select_related("community").in_bulk(run_ids)


@remembered
def _versions(version_ids: set[int]) -> dict[int, ScriptVersion]:
    return ScriptVersion.objects.in_bulk(version_ids)


def texts_of(rows: Sequence[OutboxRow], runs: Mapping[int, Run]) -> dict[int, str]:
    """As `render_steps`, with the runs at hand: those of a preview are in no table."""
    wanted = {row.payload["version"] for row in rows if row.payload.get("version")}
    versions = _versions(wanted) if wanted else {}
    members = {row.member_id for row in rows if row.member_id is not None}
    names = names_of(members) if members else {}
    delays = room_delays(
        (row.payload["run"], row.room_id) for row in rows if row.room_id is not None
    )
    planned = _planned_items(rows, runs)
    shared = _Shared(delays)
    texts = {}
    for row in rows:
        run, version = runs.get(row.payload["run"]), versions.get(row.payload.get("version") or 0)
        if run is None:
            continue
        values = _values(row, run, names, shared) | planned.get(row.pk, {})
        try:
            texts[row.pk] = _text(row, version, values)
        except UnreadableText as error:
            log.warning("text cannot be rendered", key=row.key, error=str(error))
    return texts


def _text(row: OutboxRow, version: ScriptVersion | None, values: dict[str, Any]) -> str:
    step = known_step(row.payload["step"])
    given = {name: render(text, values) for name, text in step.document.values.items()}
    if version is None:
        return render(step.row.text, {**values, **given}).strip()
    defaults = {
        name: known["default"]
        for name, known in version.variables.items()
        if known.get("default") is not None
    }
    wordings = [version.text, *version.variants]
    chosen = wordings[_pick(row, len(wordings))]
    return render(chosen, {**defaults, **values, **given}).strip()


def _planned_items(rows: Sequence[OutboxRow], runs: Mapping[int, Run]) -> dict[int, dict[str, str]]:
    """What `publish` steps say: by row the lines of their day. One statement when there are such rows."""
    slots: dict[int, Slot] = {}
    for row in rows:
        known, run = known_step(row.payload["step"]), runs.get(row.payload["run"])
        if known.row.kind == "publish" and run is not None:
            day = day_meant(known.due.fields.day, from_seconds(row.payload["due"]), run.zone)
            slots[row.pk] = (run.community_id, day, known.due.fields.what)
    lines = texts_by_slot(slots.values())
    return {pk: {"planned_items": lines[slot]} for pk, slot in slots.items() if slot in lines}


def _pick(row: OutboxRow, among: int) -> int:
    """The same person at the same moment gets the same variant, in the preview as in reality."""
    who = f"{row.payload['step']}/{row.member_id or row.room_id}/{row.payload['due']}"
    return crc32(who.encode()) % among


def _values(
    row: OutboxRow, run: Run, names: Mapping[int, str], shared: "_Shared"
) -> dict[str, Any]:
    """What its text may name."""
    values = dict(shared.of(run, row.payload["due"], row.room_id))
    if row.room_id is not None and known_step(row.payload["step"]).row.audience == "newcomer":
        came = newcomers(run, row.payload["step"], from_seconds(row.payload["due"]))
        language = document_of(run.edition_id).language[:2]
        values["newcomer_names"] = ("、" if language == "zh" else ", ").join(came)
    if row.member_id is not None:
        values["member_name"] = names.get(row.member_id, "")
    return values


class _Shared:
    """What the texts of one run and one instant have in common, worked out once in a batch.

    `delays`: days by which a room is later than its run, by (run, room).
    """

    def __init__(self, delays: Mapping[tuple[int, int], int | None]) -> None:
        self._delays = delays
        self._known: dict[tuple[int, int, int], dict[str, Any]] = {}
        # The plain address, never a personal key: staff read these texts in the outbox.
        self._my_page = f"{settings.BASE_URL}{reverse('portal:me')}"

    def of(self, run: Run, due_s: int, room_id: int | None) -> dict[str, Any]:
        behind = self._delays.get((run.pk, room_id or 0)) or 0 if room_id is not None else 0
        asked = (run.pk, due_s, behind)
        if asked not in self._known:
            self._known[asked] = self._worked_out(run, due_s, behind)
        return self._known[asked]

    def _worked_out(self, run: Run, due_s: int, behind: int) -> dict[str, Any]:
        zone = ZoneInfo(run.zone)
        planned = from_seconds(due_s).astimezone(zone)
        due = planned + timedelta(days=behind)
        language = document_of(run.edition_id).language[:2]
        values: dict[str, Any] = {
            **run.values,
            "community_name": run.community.name,
            "host_name": run.community.host_name or run.community.name,
            "day": (planned.date() - run.starts_on).days + 1,
            "date": _date(due, language),
            "weekday": WEEKDAYS.get(language, WEEKDAYS["en"])[due.weekday()],
            "time": f"{due:%H:%M}",
            "stop_hint": STOP_HINT.get(language, STOP_HINT["en"]),
            "my_page": self._my_page,
        }
        if run.event_at is not None:
            event = run.event_at.astimezone(zone)
            values["event_time"] = f"{_date(event, language)} {event:%H:%M}"
        return values


def _date(at: datetime, language: str) -> str:
    return f"{at.month}月{at.day}日" if language == "zh" else f"{at:%B} {at.day}"
