"""Chaguan JSON Lines: one JSON object a line, the form that all other tools can write."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

import orjson
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
from chaguan.channels.ingest.lines import SAMPLE_CHARS, StableIds, byte_lines
from chaguan.channels.ingest.reasons import NO_KIND, NO_PERSON, NO_TIME, NO_ZONE, NOT_JSON, OTHER

_KINDS = frozenset(("message", "join", "leave", "kick", "rename"))
_ACTION = "/me "


@importer("chaguan")
class ChaguanJsonLines:
    """Fields: id, ts, user, kind, text; and community, name, to, bot, reply_to where they apply.

    `community` names the room. A `rename` does not merge people: a person is the exact handle.
    """

    label = _("Chaguan JSON Lines")
    suffixes = (".jsonl", ".ndjson")
    options = ()
    reads_archive = False

    def sniff(self, sample: Sample) -> float:
        first = sample.text.lstrip().partition("\n")[0].strip()
        try:
            values = orjson.loads(first)
        except orjson.JSONDecodeError:
            return 0.0
        if not isinstance(values, dict):
            return 0.0
        return 0.95 if {"ts", "user"} <= values.keys() else 0.0

    def read(self, source: Source) -> Iterator[Item]:
        ids = StableIds()
        read_one = _Reader(ids).read
        for item in byte_lines(source.stream):
            if isinstance(item, BadLine):
                yield item
            elif item[1].strip():
                yield read_one(*item)


class _Reader:
    """Reads one line after another; remembers the last instant, which often repeats."""

    def __init__(self, ids: StableIds) -> None:
        self._ids = ids
        self._stamp = ""
        self._at = datetime.min

    def read(self, number: int, line: bytes) -> Item:
        try:
            values = orjson.loads(line)
        except orjson.JSONDecodeError:
            return _bad(number, NOT_JSON, line)
        if not isinstance(values, dict):
            return _bad(number, NOT_JSON, line)
        kind = values.get("kind", "message")
        if kind not in _KINDS:
            if kind == "other":
                return Skipped(number, OTHER)
            return _bad(number, NO_KIND, line)
        person = values.get("user")
        if not isinstance(person, str) or not person.strip():
            return _bad(number, NO_PERSON, line)
        if (problem := self._take_time(values.get("ts"))) is not None:
            return _bad(number, problem, line)
        return self._record(number, values, kind, person)

    def _record(self, number: int, values: dict[str, Any], kind: str, person: str) -> Record:
        text = values.get("text") or ""
        room = values.get("community") or ""
        if text.__class__ is not str or room.__class__ is not str:
            text, room = _text(text), _text(room)
        message_kind = "text"
        if text.startswith(_ACTION):
            text, message_kind = text[len(_ACTION) :], "action"
        own_id = values.get("id")
        return Record(
            _text(own_id) if own_id else self._ids.next(self._at, person, kind, text),
            self._at,
            cast(RecordKind, kind),
            person,
            _text(values["name"]) if "name" in values else "",
            text,
            room,
            values.get("bot") is True,
            _text(values["reply_to"]) if "reply_to" in values else "",
            _text(values["to"]) if "to" in values else "",
            message_kind,
            number,
        )

    def _take_time(self, stamp: Any) -> str | None:
        """Remember the instant; the answer is what is wrong with it."""
        if stamp == self._stamp:
            return None
        try:
            at = datetime.fromisoformat(stamp)
        except (TypeError, ValueError):
            return NO_TIME
        if at.tzinfo is None:
            return NO_ZONE
        self._stamp, self._at = stamp, at
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _bad(number: int, reason: str, line: bytes) -> BadLine:
    return BadLine(number, reason, line[:SAMPLE_CHARS].decode("utf-8", "replace"))
