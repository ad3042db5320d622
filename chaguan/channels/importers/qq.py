"""QQ: the text export of the message manager (消息记录, 文本格式)."""

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import BadLine, Item, Record, Sample, Skipped, Source, importer
from chaguan.channels.ingest.blocks import Block, blocks
from chaguan.channels.ingest.bots import looks_like_bot
from chaguan.channels.ingest.chinese_chat import DATE, TIME, content_kind, instant, notice
from chaguan.channels.ingest.lines import StableIds
from chaguan.channels.ingest.reasons import NO_DAY, NO_TIME, OTHER

_HEAD = re.compile(rf"^(?:{DATE}[\sT]+)?{TIME}\s+(?P<name>\S.*?)\s*$")
_WITH_ID = re.compile(r"^(?P<name>.*?)(?:\((?P<number>\d{4,12})\)|<(?P<mail>[^<>\s]+@[^<>\s]+)>)$")
_DAY = re.compile(rf"^(?:日期[:：]\s*|[-=—\s]*){DATE}[-=—\s]*$")
_TITLE = re.compile(r"^消息(?:记录|分组|对象)[（(:：]?(?P<value>.*)$")
_RULER = re.compile(r"^[=\-—]{6,}$")
_BADGE = re.compile(r"^【[^】]{1,12}】")
_SYSTEM = frozenset(("10000", "1000000", "80000000"))
_KNOWN_BOTS = frozenset(("2854196310", "2854196306", "2854196320"))
_SAMPLE_HEAD = re.compile(
    rf"^{DATE}\s+{TIME}\s+\S.*(?:\(\d{{4,12}}\)|<[^<>\s]+@[^<>\s]+>)\s*$", re.MULTILINE
)


@importer("qq")
class QQ:
    """A person is the QQ number, or the mail address that stands in its place. 消息对象 names the room."""

    label = _("QQ text export")
    suffixes: tuple[str, ...] = (".txt",)
    options: tuple[str, ...] = ()
    reads_archive = False

    def sniff(self, sample: Sample) -> float:
        if "消息对象:" in sample.text or "消息记录（此消息记录为文本格式" in sample.text:
            return 0.95
        return 0.8 if len(_SAMPLE_HEAD.findall(sample.text)) >= 2 else 0.0

    def read(self, source: Source) -> Iterator[Item]:
        reader = _Reader(source.timezone)
        for block in blocks(source.stream, reader.head, reader.is_layout):
            if isinstance(block, BadLine):
                yield block
            else:
                yield from reader.records(block)


class _Reader:
    """Remembers the day of date lines and the room of title lines."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._day: datetime | None = None
        self._room = ""
        self._ids = StableIds()

    def is_layout(self, text: str) -> bool:
        if found := _TITLE.match(text):
            if text.startswith("消息对象"):
                self._room = found["value"].strip(":： ")
            return True
        if found := _DAY.match(text):
            self._set_day(found)
            return True
        return _RULER.match(text) is not None

    def _set_day(self, found: re.Match[str]) -> None:
        try:
            self._day = datetime(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            self._day = None

    def head(self, text: str) -> Block | BadLine | None:
        found = _HEAD.match(text)
        if found is None:
            return None
        has_id = _WITH_ID.match(found["name"]) is not None
        if not found["year"] and not has_id:
            return None  # "12:30 开会" is something people say
        at = instant(found, self._zone, self._day)
        if at is None:
            reason = NO_TIME if found["year"] or self._day else NO_DAY
            return BadLine(0, reason, text[:120])
        return Block(at, found["name"])

    def records(self, block: Block) -> Iterator[Item]:
        found = _WITH_ID.match(block.name)
        name = _BADGE.sub("", found["name"] if found else block.name).strip()
        person = (found["number"] or found["mail"]) if found else name
        if person in _SYSTEM or name == "系统消息":
            yield from self._moves(block)
            return
        is_bot = person in _KNOWN_BOTS or looks_like_bot(name)
        yield Record(
            self._ids.next(block.at, person, "message", block.text),
            block.at,
            "message",
            person,
            name,
            block.text,
            self._room,
            is_bot,
            message_kind=content_kind(block.text),
            line=block.line,
        )

    def _moves(self, block: Block) -> Iterator[Item]:
        told = notice(block.text)
        if told is None or told.kind is None:
            yield Skipped(block.line, OTHER)
            return
        for who in told.people:
            found = _WITH_ID.match(who)
            name = found["name"] if found else who
            person = (found["number"] or found["mail"]) if found else who
            key = self._ids.next(block.at, person, told.kind, "")
            yield Record(
                key,
                block.at,
                told.kind,
                person,
                name,
                "",
                self._room,
                looks_like_bot(name),
                line=block.line,
            )
