"""Small history files for tests, and the shortest way to import one."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chaguan.channels.actions.imports import Plan, import_file
from chaguan.channels.contract import BadLine, Item, Skipped
from chaguan.channels.ingest.detection import Reading, items, recognise
from chaguan.channels.ingest.opening import open_history
from chaguan.channels.models import ImportRun
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor

OPERATOR = Actor.system("test")


def line(number: int, **over: Any) -> dict[str, Any]:
    """One message of the normal form, a minute after the one before."""
    values = {
        "id": f"m{number}",
        "ts": f"2026-03-01T{8 + number // 60:02}:{number % 60:02}:00Z",
        "community": "茶室",
        "user": "lin",
        "kind": "message",
        "text": f"第 {number} 句",
    }
    return values | over


def write_lines(path: Path, lines: Iterable[Mapping[str, Any] | str]) -> Path:
    """A Chaguan JSON Lines file; strings are written as they are."""
    texts = [
        text if isinstance(text, str) else json.dumps(text, ensure_ascii=False) for text in lines
    ]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def import_now(path: Path, community: str = "茶友会", **plan: Any) -> ImportRun:
    """Import as the command line does."""
    return import_file(
        OPERATOR, path, Plan(community, **plan), now=clock.now(), report=lambda *_figures: None
    )


SAMPLES = Path(__file__).parent / "samples"
SHANGHAI = ZoneInfo("Asia/Shanghai")
LARGE = 1 << 32


def read_file(path: Path, zone: tzinfo = SHANGHAI, **options: Any) -> tuple[str, list[Item]]:
    """The recognised format of a file and everything in it, without a database."""
    with open_history(path, max_bytes=LARGE) as history:
        format = recognise(history)
    with open_history(path, max_bytes=LARGE) as history:
        return format, list(items(history, Reading(format, zone, options)))


def told(item: Item) -> tuple[Any, ...]:
    """What matters in an item, short enough to compare by eye; instants in UTC."""
    if isinstance(item, BadLine):
        return ("bad", item.line, item.reason)
    if isinstance(item, Skipped):
        return ("skipped", item.line, item.reason)
    at = item.at.astimezone(UTC).isoformat(" ", "seconds")[:19]
    extra = (item.room, item.is_bot, item.reply_to, item.new_name, item.message_kind)
    usual = ("", False, "", "", "text")
    return (item.kind, at, item.person, item.name, item.text, *(extra if extra != usual else ()))
