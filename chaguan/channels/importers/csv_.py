"""CSV: any table of messages, with its columns told or recognised by their names."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.channels.contract import BadLine, Item, Record, Sample, Skipped, Source, importer
from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest.bots import looks_like_bot
from chaguan.channels.ingest.lines import SAMPLE_CHARS, StableIds, text_lines
from chaguan.channels.ingest.reasons import BAD_ROW, EMPTY, NO_PERSON, NO_TIME
from chaguan.channels.ingest.table import KINDS, KNOWN_HEADERS, header_role, instant_of

COLUMNS = ("time", "person", "text", "name", "room", "kind", "id", "reply_to", "bot")
_TRUE = frozenset(("1", "true", "yes", "y", "是", "bot"))
_STEP_S = 60


@importer("csv")
class Csv:
    """Each column option names a header: time=发送时间. `start` gives lines without a time a first one.

    With start=2026-01-01T08:00 the rows follow each other at `step` seconds (60 when not told): for
    talk of which only the order is known. `delimiter` is one character or "tab".
    """

    label = gettext_lazy("CSV table")
    suffixes: tuple[str, ...] = (".csv", ".tsv")
    options: tuple[str, ...] = (*COLUMNS, "start", "step", "delimiter")
    reads_archive = False

    def sniff(self, sample: Sample) -> float:
        first = sample.text.lstrip("\n").partition("\n")[0].strip("\r")
        delimiter = _delimiter(sample.text)
        cells = [cell.strip(' "') for cell in first.split(delimiter)]
        if len(cells) < 2 or first.startswith(("{", "[", "<")):
            return 0.0
        roles = {header_role(cell) for cell in cells} - {""}
        if {"time", "text"} <= roles or {"time", "person"} <= roles:
            return 0.8
        is_named_so = sample.name.lower().endswith((".csv", ".tsv"))
        return 0.5 if is_named_so and len(cells) > 1 else 0.0

    def read(self, source: Source) -> Iterator[Item]:
        lines = _Lines(source)
        rows = lines.rows()
        table: _Table | None = None
        for item in rows:
            if table is None and not isinstance(item, BadLine):
                table = _Table.of(item, source.options, source.timezone)
                break
            yield item
        if table is None:
            raise Unreadable(_("The table is empty."))
        for item in rows:
            yield item if isinstance(item, BadLine) else table.record(lines.number, item)


def _delimiter(text: str, told: str = "") -> str:
    if told:
        return "\t" if told == "tab" else told[:1]
    first = text.partition("\n")[0]
    return max((",", "\t", ";", "|"), key=first.count)


class _Lines:
    """Rows of cells. Lines that cannot be read come out between them as BadLines."""

    def __init__(self, source: Source) -> None:
        peek = source.stream.peek(65536)[:65536].decode("utf-8", "ignore")
        self._bad: list[BadLine] = []
        self._items = text_lines(source.stream)
        told = str(source.options.get("delimiter", ""))
        self._reader = csv.reader(self._texts(), delimiter=_delimiter(peek, told))

    @property
    def number(self) -> int:
        return self._reader.line_num

    def _texts(self) -> Iterator[str]:
        for item in self._items:
            if isinstance(item, BadLine):
                self._bad.append(item)
            else:
                yield item[1] + "\n"

    def rows(self) -> Iterator[Any]:
        failed_at = -1
        while True:
            try:
                row = next(self._reader, None)
            except csv.Error:
                yield BadLine(self.number, BAD_ROW)
                if self.number == failed_at:
                    return  # the reader stands still
                failed_at = self.number
                continue
            yield from self._bad
            self._bad.clear()
            if row is None:
                return
            if any(cell.strip() for cell in row):
                yield row


@dataclass
class _Table:
    """Where what stands in a row."""

    width: int
    places: dict[str, int]
    zone: tzinfo
    start: datetime | None = None
    step: timedelta = timedelta(seconds=_STEP_S)
    ids: StableIds = field(default_factory=StableIds)
    _row: int = 0

    @classmethod
    def of(cls, header: list[str], options: Any, zone: tzinfo) -> "_Table":
        names = [cell.strip().lstrip("\ufeff") for cell in header]
        places = _places(names, options)
        start = instant_of(str(options["start"]), zone) if options.get("start") else None
        if options.get("start") and start is None:
            raise Unreadable(_("The start is not a time; write it like 2026-03-01T08:00."))
        listed = ", ".join(names)[:200]
        if "time" not in places and start is None:
            sentence = _(
                "No column holds the time. Name one with time=COLUMN, or give the first time with"
                " start=2026-03-01T08:00 if only the order is known. Columns: %(columns)s."
            )
            raise Unreadable(sentence % {"columns": listed}, code="no_time_column")
        for role, sentence in (
            (
                "person",
                _("No column holds the person. Name one with person=COLUMN. Columns: %(columns)s."),
            ),
            (
                "text",
                _("No column holds the text. Name one with text=COLUMN. Columns: %(columns)s."),
            ),
        ):
            if role not in places:
                raise Unreadable(sentence % {"columns": listed}, code=f"no_{role}_column")
        return cls(len(names), places, zone, start, _step(options))

    def record(self, number: int, row: list[str]) -> Item:
        cells = {role: row[at].strip() for role, at in self.places.items() if at < len(row)}
        if len(row) > self.width:
            return BadLine(number, BAD_ROW, ",".join(row)[:SAMPLE_CHARS])
        at = self._instant(cells)
        if at is None:
            return BadLine(number, NO_TIME, ",".join(row)[:SAMPLE_CHARS])
        person = cells.get("person") or cells.get("name") or ""
        if not person:
            return BadLine(number, NO_PERSON, ",".join(row)[:SAMPLE_CHARS])
        kind = KINDS.get(cells.get("kind", "").lower(), "message")
        text = cells.get("text", "")
        if kind == "message" and not text:
            return Skipped(number, EMPTY)
        name = cells.get("name") or person
        is_bot = cells["bot"].lower() in _TRUE if cells.get("bot") else looks_like_bot(name)
        return Record(
            cells.get("id") or self.ids.next(at, person, kind, text),
            at,
            kind,
            person,
            name,
            text,
            cells.get("room", ""),
            is_bot,
            cells.get("reply_to", ""),
            text if kind == "rename" else "",
            line=number,
        )

    def _instant(self, cells: dict[str, str]) -> datetime | None:
        self._row += 1
        if "time" in self.places:
            return instant_of(cells.get("time", ""), self.zone)
        assert self.start is not None
        return self.start + self.step * (self._row - 1)


def _step(options: Any) -> timedelta:
    try:
        seconds = float(options.get("step", _STEP_S))
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 86_400:
        raise Unreadable(_("The step is a number of seconds, at most 86400."))
    return timedelta(seconds=seconds)


def _places(names: list[str], options: Any) -> dict[str, int]:
    """Column numbers by role: as told, else by the names we know."""
    places: dict[str, int] = {}
    for role in COLUMNS:
        if told := str(options.get(role, "")).strip():
            if told not in names:
                sentence = _("There is no column %(name)s. Columns: %(columns)s.")
                raise Unreadable(sentence % {"name": told, "columns": ", ".join(names)[:200]})
            places[role] = names.index(told)
    taken = set(places.values())
    for role in COLUMNS:
        for known in KNOWN_HEADERS[role] if role not in places else ():
            at = next(
                (i for i, n in enumerate(names) if n.lower() == known and i not in taken), None
            )
            if at is not None:
                places[role] = at
                taken.add(at)
                break
    if "person" not in places and "name" in places:
        places["person"] = places["name"]
    return places
