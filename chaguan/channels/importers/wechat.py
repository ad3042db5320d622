"""WeChat: text exports, in the forms that the program's e-mail and the usual export tools write."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import BadLine, Item, Record, Sample, Skipped, Source, importer
from chaguan.channels.ingest.blocks import Block, blocks
from chaguan.channels.ingest.bots import looks_like_bot
from chaguan.channels.ingest.chinese_chat import DATE, TIME, Notice, content_kind, instant, notice
from chaguan.channels.ingest.lines import StableIds
from chaguan.channels.ingest.reasons import NO_DAY, NO_TIME, OTHER

_NAME = r"(?P<name>\S(?:.{0,58}\S)?)"
_DAY_LINE = re.compile(rf"^[\s—–\-─=]*{DATE}(?:\s*(?:星期|周)[一二三四五六日天])?[\s—–\-─=]*$")
_TITLE = re.compile(
    r"^(?:微信)?群?(?:聊|组)?[“\"「](?P<room>.+)[”\"」]的聊天记录|^(?:群名称?|聊天对象|会话)[:：]\s*(?P<other>.+)$"
)
_RULER = re.compile(r"^[=\-—–─*]{4,}$")


@dataclass(frozen=True)
class Style:
    """One way to write a head. `is_inline`: the text begins on the same line."""

    code: str
    head: re.Pattern[str]
    is_inline: bool = False


_STYLES = (
    Style("tabs", re.compile(rf"^{DATE}[ T]+{TIME}\t{_NAME}\t(?P<text>.*)$"), True),
    Style(
        "brackets", re.compile(rf"^\[{DATE}[ T]+{TIME}\]\s*{_NAME}\s*[:：]\s?(?P<text>.*)$"), True
    ),
    Style(
        "behind_name",
        re.compile(rf"^{_NAME}\s?[(（]{DATE}[ T]+{TIME}[)）]\s*[:：]\s?(?P<text>.*)$"),
        True,
    ),
    Style("name_first", re.compile(rf"^{_NAME}\s+{DATE}[ T]+{TIME}\s*$")),
    Style("time_first", re.compile(rf"^{DATE}[ T]+{TIME}\s+{_NAME}\s*$")),
    Style("day_lines", re.compile(rf"^{_NAME}\s{{1,8}}{TIME}\s*$")),
)


def _style_of(text: str) -> tuple[Style | None, int]:
    """The style that most lines of the sample fit, and how many."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    best, most = None, 0
    for style in _STYLES:
        hits = sum(1 for line in lines if style.head.match(line))
        if style.code == "day_lines" and not any(_DAY_LINE.match(line) for line in lines):
            hits = 0
        if hits > most:
            best, most = style, hits
    return best, most


@importer("wechat")
class WeChat:
    """People are their display names: the export knows nothing better. System lines tell who came."""

    label = _("WeChat text export")
    suffixes: tuple[str, ...] = (".txt",)
    options: tuple[str, ...] = ()
    reads_archive = False

    def sniff(self, sample: Sample) -> float:
        style, hits = _style_of(sample.text)
        if style is None:
            return 0.0
        told = "的聊天记录" in sample.text[:200] or "微信" in sample.text[:200]
        return 0.9 if told else 0.6 if hits >= 2 else 0.4

    def read(self, source: Source) -> Iterator[Item]:
        beginning = source.stream.peek(65536)[:65536]
        style, _hits = _style_of(beginning.decode("utf-8", "ignore"))
        reader = _Reader(source.timezone, style or _STYLES[4])
        for block in blocks(source.stream, reader.head, reader.is_layout):
            if isinstance(block, BadLine):
                yield block
            else:
                yield from reader.records(block)


class _Reader:
    """Remembers the day of date lines and the title's room."""

    def __init__(self, zone: tzinfo, style: Style) -> None:
        self._zone = zone
        self._style = style
        self._day: datetime | None = None
        self._last: datetime | None = None
        self._room = ""
        self._ids = StableIds()

    def is_layout(self, text: str) -> bool:
        if self._last is None and (title := _TITLE.match(text)):
            self._room = (title["room"] or title["other"] or "").strip()
            return True
        if found := _DAY_LINE.match(text):
            try:
                day = (int(found["year"]), int(found["month"]), int(found["day"]))
                self._day = datetime(*day, tzinfo=self._zone)
            except ValueError:
                self._day = None
            return True
        return _RULER.match(text) is not None

    def head(self, text: str) -> Block | BadLine | None:
        found = self._style.head.match(text)
        if found is None:
            return self._system_line(text)
        at = instant(found, self._zone, self._day)
        if at is None:
            reason = NO_DAY if self._style.code == "day_lines" and self._day is None else NO_TIME
            return BadLine(0, reason, text[:120])
        self._last = at
        return Block(at, found["name"].strip(), found["text"] if self._style.is_inline else "")

    def _system_line(self, text: str) -> Block | None:
        """A line between messages that says who came or went; it has the time of the message above."""
        at = self._last or self._day
        if at is None or not text.startswith(("“", '"', "你", "「")):
            return None
        told = notice(text)
        return Block(at, "", text) if told is not None and told.kind is not None else None

    def records(self, block: Block) -> Iterator[Item]:
        is_system = block.name in ("", "系统消息", "系统", "系统通知")
        told = notice(block.text) if is_system else None
        if is_system:
            yield from self._moves(block, told or Notice(None))
            return
        name = block.name
        yield Record(
            self._ids.next(block.at, name, "message", block.text),
            block.at,
            "message",
            name,
            name,
            block.text,
            self._room,
            looks_like_bot(name),
            message_kind=content_kind(block.text),
            line=block.line,
        )

    def _moves(self, block: Block, told: Notice) -> Iterator[Item]:
        if told.kind is None:
            yield Skipped(block.line, OTHER)
            return
        for who in told.people:
            key = self._ids.next(block.at, who, told.kind, "")
            yield Record(
                key,
                block.at,
                told.kind,
                who,
                who,
                "",
                self._room,
                looks_like_bot(who),
                line=block.line,
            )
