"""What Chinese chat programs write into text exports: times, comings and goings, pictures in brackets."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from chaguan.channels.contract import RecordKind

DATE = r"(?P<year>\d{4})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})\s?日?"
TIME = r"(?P<half>上午|下午|凌晨|中午|晚上|AM|PM)?\s?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
_AFTERNOON = frozenset(("下午", "晚上", "PM"))

_PICTURES = re.compile(r"^\[(?:图片|表情|动画表情|照片|Photo|Sticker|Image)\]$")
_FILES = re.compile(
    r"^\[(?:视频|语音|文件|链接|音乐|位置|小程序|聊天记录|名片|红包|转账|视频号|Video|Audio|Voice|File|Link|Location)\]"
)
_WHO = r"[\"“”「『']?(?P<who>.+?)[\"“”」』']?"
_JOINS = (
    re.compile(rf"邀请\s?{_WHO}\s?(?:和其他\S*\s?)?加入了?(?:本群|群聊|群)"),
    re.compile(rf"^{_WHO}\s?通过.{{1,80}}(?:进入|加入)了?(?:本群|群聊|群)"),
    re.compile(rf"^{_WHO}\s?(?:已经?|申请)?加入了?(?:本群|群聊|该群|群)"),
    re.compile(r"invited \"?(?P<who>.+?)\"? to the group chat"),
    re.compile(r"^\"?(?P<who>.+?)\"? joined (?:the )?group chat"),
)
_KICKS = (
    re.compile(rf"将\s?{_WHO}\s?(?:移出|请出|踢出)了?(?:本群|群聊|群)"),
    re.compile(rf"^{_WHO}\s?(?:已)?被.{{0,60}}(?:移出|请出|踢出)了?(?:本群|群聊|该群|群)"),
    re.compile(r"removed \"?(?P<who>.+?)\"? from the group chat"),
)
_LEAVES = (
    re.compile(rf"^{_WHO}\s?(?:已|主动)?(?:退出|离开)了?(?:本群|群聊|该群|群)"),
    re.compile(r"^\"?(?P<who>.+?)\"? left the group chat"),
)
_NOTICES = re.compile(
    r"撤回了?一条|修改群名|修改了群|拍了拍|以下为新消息|以下是新消息|群公告|成为新?群主|recalled a message"
)
_SPLIT = re.compile(r"[\"“”]?\s?[、,，]\s?[\"“”]?")


@dataclass(frozen=True)
class Notice:
    """A system line: who came or went; nobody for all other notices."""

    kind: RecordKind | None
    people: tuple[str, ...] = ()


def instant(found: re.Match[str], zone: tzinfo, day: datetime | None = None) -> datetime | None:
    """The instant that DATE and TIME matched, on `day` where the line has a clock time only."""
    parts = found.groupdict()
    try:
        hour = int(parts["hour"])
        if parts.get("half") in _AFTERNOON and hour < 12:
            hour += 12
        if parts.get("year"):
            date = (int(parts["year"]), int(parts["month"]), int(parts["day"]))
        elif day is not None:
            date = (day.year, day.month, day.day)
        else:
            return None
        clock = (hour, int(parts["minute"]), int(parts.get("second") or 0))
        return datetime(*date, *clock, tzinfo=zone)
    except ValueError:
        return None


def notice(text: str) -> Notice | None:
    """Read a system line. None: this is somebody talking."""
    line = text.strip()
    if len(line) > 300 or "\n" in line:
        return None
    kinds: tuple[tuple[RecordKind, tuple[re.Pattern[str], ...]], ...] = (
        ("kick", _KICKS),
        ("join", _JOINS),
        ("leave", _LEAVES),
    )
    for kind, patterns in kinds:
        for pattern in patterns:
            if found := pattern.search(line):
                people = tuple(name for name in _SPLIT.split(found["who"].strip()) if name)
                return Notice(kind, people)
    return Notice(None) if _NOTICES.search(line) else None


def content_kind(text: str) -> str:
    """Programs write [图片] where a picture was."""
    if not text.startswith("["):
        return "text"
    if _PICTURES.match(text):
        return "image"
    return "file" if _FILES.match(text) else "text"
