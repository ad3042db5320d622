"""What is said in a room, page by page, as a reader sees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from chaguan.channels.models import Message

PAGE = 50

NEWEST_EACH = """
WITH asked (room) AS (VALUES {rooms})
SELECT m.*, p.name AS member_name
FROM asked
JOIN channels_message m ON m.id = (
    SELECT n.id FROM channels_message n WHERE n.room_id = asked.room
    ORDER BY n.at DESC, n.id DESC LIMIT 1
)
LEFT JOIN people_member p ON p.id = m.member_id
"""


@dataclass(frozen=True)
class Quote:
    """The message that another one answers."""

    name: str
    text: str


@dataclass(frozen=True)
class Line:
    """One message. `member_id` None with `is_ours` set: we said it through the outbox, by machine."""

    id: int
    external_id: str
    at: datetime
    text: str
    kind: str
    member_id: int | None
    name: str
    is_bot: bool
    is_ours: bool
    quote: Quote | None = None


@dataclass(frozen=True)
class Talk:
    """A page of a room, oldest first. `older` is the id to ask with for the page before, or None."""

    lines: list[Line]
    older: int | None = None


def talk_in(room_id: int, *, before: int | None = None, limit: int = PAGE) -> Talk:
    """The last messages of a room, or those before the message with the id `before`. Queries: 2 or 3."""
    rows = _rows(room_id).order_by("-at", "-id")
    if before is not None:
        place = Message.objects.filter(room_id=room_id, pk=before).values_list("at", "id").first()
        if place is None:
            return Talk([])
        rows = rows.filter(Q(at__lt=place[0]) | Q(at=place[0], id__lt=place[1]))
    found = list(rows[: limit + 1])
    page = found[:limit]
    return Talk(_lines(room_id, reversed(page)), page[-1].pk if len(found) > limit else None)


def talk_since(room_id: int, since: datetime, *, limit: int = PAGE) -> Talk:
    """The newest messages of a room that were said at or after an instant. Queries: 2."""
    rows = _rows(room_id).filter(at__gte=since).order_by("-at", "-id")
    return Talk(_lines(room_id, reversed(rows[:limit])))


def line_in(room_id: int, message_id: int) -> Line | None:
    """One message of a room, to be answered."""
    return next(iter(_lines(room_id, _rows(room_id).filter(pk=message_id))), None)


def said_lately(member_id: int, room_id: int, since: datetime) -> int:
    """How many messages a member posted in a room since an instant."""
    return Message.objects.filter(room_id=room_id, member_id=member_id, at__gte=since).count()


def latest_in(room_ids: Iterable[int]) -> dict[int, Line]:
    """The newest message of each room that has one: one index probe per room. Queries: 1."""
    ids = list(room_ids)
    if not ids:
        return {}
    rows = Message.objects.raw(NEWEST_EACH.format(rooms=", ".join(["(%s)"] * len(ids))), ids)
    return {row.room_id: _line(row, None) for row in rows}


def _rows(room_id: int) -> QuerySet[Message]:
    return Message.objects.filter(room_id=room_id).annotate(member_name=F("member__name"))


def _lines(room_id: int, rows: Iterable[Message]) -> list[Line]:
    kept = list(rows)
    answered = {row.reply_to for row in kept if row.reply_to}
    quotes = {}
    if answered:
        found = _rows(room_id).filter(external_id__in=answered)
        quotes = {row.external_id: Quote(_name(row), row.text[:80]) for row in found}
    return [_line(row, quotes.get(row.reply_to)) for row in kept]


def _line(row: Message, quote: Quote | None) -> Line:
    return Line(
        id=row.pk,
        external_id=row.external_id,
        at=row.at,
        text=row.text,
        kind=row.kind,
        member_id=row.member_id,
        name=_name(row),
        is_bot=row.is_bot,
        is_ours=row.outbox_id is not None,
        quote=quote,
    )


def _name(row: Message) -> str:
    return str(getattr(row, "member_name", "") or "")
