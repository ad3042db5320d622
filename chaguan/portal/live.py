"""Live rooms by conditional polling: an open page asks every few seconds "anything after this version?".

Nearly always the answer is no, so that answer must cost next to nothing. `LiveMiddleware` gives it before
sessions, messages and templates start: it checks a signed ticket and compares the page's version with a
board kept in this process. The board costs one small query a second, however many rooms are open.
Everything else (news, a ticket that ran out, a stranger) goes on to the view with all its walls.
Measured by benchmarks/open_rooms.py.
"""

import hashlib
import re
import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from django.db import connection
from django.http import HttpRequest, HttpResponse

from chaguan.kernel import clock
from chaguan.portal.tokens import opens_room

PATH = re.compile(r"^/m/rooms/(\d{1,18})/new/$")
FRESH_S = 1.0  # how old the board may be
LOOK_BACK_S = 10.0  # transactions that commit out of order within this time are still noticed
TRUST_S = 60.0  # a version is computed anew after this to twice this time, whatever the board says
TAIL = 20  # messages whose ids make a version

NEWEST = "SELECT coalesce(max(id), 0) FROM channels_message"
TOUCHED = "SELECT room_id, max(id), count(*) FROM channels_message WHERE id > %s GROUP BY room_id"
TAIL_IDS = "SELECT id FROM channels_message WHERE room_id = %s ORDER BY at DESC, id DESC LIMIT %s"


class Board:
    """The versions of rooms as this process knows them, at most FRESH_S old.

    A version is a digest of the ids of a room's last messages: every process computes the same one.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._looked_at = float("-inf")
        self._marks: deque[tuple[float, int]] = deque()  # (when, newest message id then)
        self._seen: dict[int, tuple[int, int]] = {}
        self._versions: dict[int, tuple[float, str]] = {}  # room: (good until, version)

    def version(self, room_id: int) -> str:
        """The room's version. Queries: none while fresh; 1 for a room that changed."""
        at = time.monotonic()
        if at - self._looked_at > FRESH_S:
            self._look(at)
        known = self._versions.get(room_id)
        if known and at < known[0]:
            return known[1]
        return self.read(room_id)

    def read(self, room_id: int) -> str:
        """Compute the room's version from the database now, and remember it. Queries: 1."""
        version = version_of(room_id)
        until = time.monotonic() + TRUST_S * (1 + room_id % 16 / 16)  # not all at one moment
        self._versions[room_id] = (until, version)
        return version

    def forget(self) -> None:
        """Start anew, as in a fresh process; for tests."""
        self._looked_at = float("-inf")
        self._marks.clear()
        self._seen = {}
        self._versions.clear()

    def _look(self, at: float) -> None:
        if not self._lock.acquire(blocking=False):
            return  # another thread is looking; what we have is a second old
        try:
            self._looked_at = at
            while len(self._marks) > 1 and self._marks[1][0] < at - LOOK_BACK_S:
                self._marks.popleft()
            with connection.cursor() as cursor:
                if not self._marks:
                    cursor.execute(NEWEST)
                    self._marks.append((at, cursor.fetchone()[0]))
                    self._versions.clear()
                    return
                cursor.execute(TOUCHED, [self._marks[0][1]])
                touched = {room: (newest, count) for room, newest, count in cursor.fetchall()}
            for room_id, mark in touched.items():
                if self._seen.get(room_id) != mark:
                    self._versions.pop(room_id, None)
            self._seen = touched
            newest = max((mark[0] for mark in touched.values()), default=self._marks[-1][1])
            self._marks.append((at, max(newest, self._marks[-1][1])))
        finally:
            self._lock.release()


def version_of(room_id: int) -> str:
    """Compute a room's version now: 12 letters, or "empty"."""
    with connection.cursor() as cursor:
        cursor.execute(TAIL_IDS, [room_id, TAIL])
        ids = ",".join(str(row[0]) for row in cursor.fetchall())
    return hashlib.sha256(ids.encode()).hexdigest()[:12] if ids else "empty"


board = Board()


class LiveMiddleware:
    """Answers 204 to "anything new?" when there is nothing new. Stands first in MIDDLEWARE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = PATH.match(request.path_info)
        if path and request.method == "GET" and nothing_new(request, int(path[1])):
            return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
        return self.get_response(request)


def nothing_new(request: HttpRequest, room_id: int) -> bool:
    """True when the ticket is good and the page already shows the room's version."""
    ticket, version = request.GET.get("t", ""), request.GET.get("v", "")
    return (
        bool(version)
        and opens_room(ticket, room_id, clock.now())
        and board.version(room_id) == version
    )
