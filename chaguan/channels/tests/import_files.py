"""Small history files for tests, and the shortest way to import one."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chaguan.channels.actions.imports import Plan, import_file
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
