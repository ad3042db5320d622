"""IRC: logs of irssi, WeeChat and ZNC."""

import re
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from pathlib import PurePosixPath

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import (
    BadLine,
    Item,
    Record,
    RecordKind,
    Sample,
    Skipped,
    Source,
    importer,
)
from chaguan.channels.ingest.bots import looks_like_bot
from chaguan.channels.ingest.irc_forms import DAY_LINES, FORMS, MONTHS, Form
from chaguan.channels.ingest.lines import SAMPLE_CHARS, StableIds, text_lines
from chaguan.channels.ingest.reasons import NO_DAY, NO_TIME, NOT_UNDERSTOOD, OTHER

_FILE_DAY = re.compile(r"(?<!\d)(20\d\d|19\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?([0-3]\d)(?!\d)")
_FILE_ROOM = re.compile(
    r"(#{1,2}[^/\s,]+?)(?:[._-](?:19|20)\d{6}|[._-]\d{4}-\d\d-\d\d)?(?:\.[a-z]+)*$"
)
_TOLD_ROOM = re.compile(r" (?:has joined|has left|was kicked from) ([#&][^\s,]+)")
_COLOURS = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]")


@importer("irc")
class Irc:
    """A person is the exact nick. Day-changed lines or the file's name give the day."""

    label = _("IRC log (irssi, WeeChat, ZNC)")
    suffixes: tuple[str, ...] = (".log", ".weechatlog", ".txt")
    options: tuple[str, ...] = ()
    reads_archive = False

    def sniff(self, sample: Sample) -> float:
        lines = [line for line in sample.text.split("\n")[:200] if line.strip()]
        form = _form_of(lines)
        if form is None:
            return 0.0
        fitting = sum(1 for line in lines if form.line.match(line) or _is_day_line(line))
        share = fitting / len(lines)
        return 0.85 * share if share > 0.6 else 0.0

    def read(self, source: Source) -> Iterator[Item]:
        beginning = source.stream.peek(65536)[:65536]
        room = _room_in(source.name) or _room_told(beginning.decode("utf-8", "ignore"))
        reader = _Reader(source.timezone, _day_in(source.name), room)
        for item in text_lines(source.stream):
            if isinstance(item, BadLine):
                yield item
            elif (found := reader.read(*item)) is not None:
                yield found


def _form_of(lines: list[str]) -> Form | None:
    """The form that understands most of the lines; telling lines (<nick>, -!-, ***) must be among them."""
    best, most = None, 0
    for form in FORMS:
        hits = sum(
            1 for line in lines if (m := form.line.match(line)) and form.is_telling(m["rest"])
        )
        if hits > most:
            best, most = form, hits
    return best


def _is_day_line(line: str) -> bool:
    return any(pattern.match(line) for pattern in DAY_LINES)


class _Reader:
    """Remembers the day; each line tells its form by itself. One log is one room."""

    def __init__(self, zone: tzinfo, day: date | None, room: str) -> None:
        self._zone = zone
        self._ids = StableIds()
        self._day = day
        self._room = room
        self._form: Form | None = None

    def read(self, number: int, text: str) -> Item | None:
        """One line; None for empty ones and for lines that only tell the day."""
        line = _COLOURS.sub("", text)
        if not line.strip():
            return None
        for pattern in DAY_LINES:
            if found := pattern.match(line):
                self._take_day(found)
                return None
        return self._line(number, line)

    def _line(self, number: int, line: str) -> Item:
        for form in FORMS:
            found = form.line.match(line)
            if found is None or not (form is self._form or form.is_telling(found["rest"])):
                continue
            self._form = form
            at = self._instant(found)
            if isinstance(at, str):
                return BadLine(number, at, line[:SAMPLE_CHARS])
            return self._told(number, form, found["rest"], at)
        return BadLine(number, NOT_UNDERSTOOD, line[:SAMPLE_CHARS])

    def _told(self, number: int, form: Form, rest: str, at: datetime) -> Item:
        for kind, pattern in form.events:
            found = pattern.match(rest)
            if found is None:
                continue
            if kind == "notice":
                break
            return self._record(number, at, kind, found.groupdict())
        return Skipped(number, OTHER)

    def _record(self, number: int, at: datetime, kind: str, parts: dict[str, str | None]) -> Record:
        nick, text = parts["nick"] or "", parts.get("text") or ""
        is_spoken = kind in ("message", "action")
        record_kind: RecordKind = "message" if is_spoken else kind  # type: ignore[assignment] # the form's
        new_name = parts.get("new") or ""
        return Record(
            self._ids.next(at, nick, kind, text or new_name),
            at,
            record_kind,
            nick,
            nick,
            text,
            self._room,
            looks_like_bot(nick),
            "",
            new_name,
            "action" if kind == "action" else "text",
            number,
        )

    def _instant(self, found: re.Match[str]) -> datetime | str:
        parts = found.groupdict()
        try:
            day = date.fromisoformat(parts["date"]) if parts.get("date") else self._day
            if day is None:
                return NO_DAY
            clock = (int(parts["hour"]), int(parts["minute"]), int(parts["second"] or 0))
            return datetime(day.year, day.month, day.day, *clock, tzinfo=self._zone)
        except ValueError:
            return NO_TIME

    def _take_day(self, found: re.Match[str]) -> None:
        try:
            self._day = date(int(found["year"]), MONTHS[found["month"]], int(found["day"]))
        except (KeyError, ValueError):
            self._day = None


def _day_in(file_name: str) -> date | None:
    """ZNC names a file by its day: 2026-03-01.log, #tea_20260301.log."""
    for match in _FILE_DAY.finditer(PurePosixPath(file_name).name):
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
    return None


def _room_told(beginning: str) -> str:
    """The room that the first join or part names, for files whose name does not tell."""
    found = _TOLD_ROOM.search(beginning)
    return found[1] if found else ""


def _room_in(file_name: str) -> str:
    """The part of the path that begins with #, without day and suffix."""
    for part in reversed(PurePosixPath(file_name).parts):
        if found := _FILE_ROOM.search(part):
            return found[1]
    return ""
