"""The other way that open_rooms.py compares: one event stream per open room, on an ASGI server.

One loop looks at the board of all watched rooms each second and wakes the streams whose version changed.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402 -- after setup

from chaguan.kernel import clock  # noqa: E402 -- after setup
from chaguan.portal.live import board  # noqa: E402 -- after setup
from chaguan.portal.tokens import opens_room  # noqa: E402 -- after setup

_waiting: dict[int, set[asyncio.Event]] = {}
_seen: dict[int, str] = {}
_loop: list[asyncio.Task[None]] = []


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """GET /<room>?t=<ticket>: a stream that says "news" whenever the room has some."""
    if scope["type"] != "http":
        return
    if not _loop:
        _loop.append(asyncio.create_task(watch()))
    room_id, ticket = (
        int(scope["path"].strip("/")),
        scope["query_string"].decode().removeprefix("t="),
    )
    is_open = opens_room(ticket, room_id, clock.now())
    headers = [(b"content-type", b"text/event-stream")]
    await send(
        {"type": "http.response.start", "status": 200 if is_open else 403, "headers": headers}
    )
    if not is_open:
        await send({"type": "http.response.body"})
        return
    bell = asyncio.Event()
    _waiting.setdefault(room_id, set()).add(bell)
    try:
        await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
        while True:
            try:
                await asyncio.wait_for(bell.wait(), 20)
                bell.clear()
                body = b"data: news\n\n"
            except TimeoutError:
                body = b": still here\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})
    finally:
        _waiting[room_id].discard(bell)


async def watch() -> None:
    """Once a second: which watched rooms have another version?"""
    while True:
        for room_id in await sync_to_async(_changed)(list(_waiting)):
            for bell in _waiting.get(room_id, ()):
                bell.set()
        await asyncio.sleep(1)


def _changed(room_ids: list[int]) -> list[int]:
    changed = []
    for room_id in room_ids:
        version = board.version(room_id)
        if _seen.setdefault(room_id, version) != version:
            _seen[room_id] = version
            changed.append(room_id)
    return changed
