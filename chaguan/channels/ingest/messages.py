"""Writing messages in bulk and learning which were new."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from chaguan.channels.contract import Record

_COLUMNS = "id, room_id, member_id, external_id, at, text, kind, reply_to, is_bot"
_SQLITE = (
    f"INSERT INTO channels_message ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (room_id, external_id) DO NOTHING"
)
_POSTGRES = (
    "INSERT INTO channels_message"
    " (room_id, member_id, external_id, at, text, kind, reply_to, is_bot)"
    " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::text[],"
    " %s::text[], %s::text[], %s::boolean[])"
    " ON CONFLICT (room_id, external_id) DO NOTHING RETURNING id, room_id, external_id"
)


def insert_messages(rows: Sequence[tuple[int, int, Record]]) -> dict[int, int]:
    """Insert (room id, member id, record) rows; returns place in `rows` -> message id for the new ones.

    The unique key (room, external id) decides what is new, also inside one batch. The caller holds the
    transaction: on SQLite it is the only writer, which is what makes handing out ids here safe.
    """
    if not rows:
        return {}
    return _on_postgres(rows) if connection.vendor == "postgresql" else _on_sqlite(rows)


def _on_sqlite(rows: Sequence[tuple[int, int, Record]]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'channels_message'")
        last = (cursor.fetchone() or (0,))[0]
        cursor.executemany(
            _SQLITE,
            [
                (
                    last + place,
                    room_id,
                    member_id,
                    record.external_id,
                    record.at.replace(tzinfo=None).isoformat(" "),
                    record.text,
                    record.message_kind,
                    record.reply_to,
                    record.is_bot,
                )
                for place, (room_id, member_id, record) in enumerate(rows, 1)
            ],
        )
        cursor.execute("SELECT id FROM channels_message WHERE id > %s", [last])
        return {row[0] - last - 1: row[0] for row in cursor.fetchall()}


def _on_postgres(rows: Sequence[tuple[int, int, Record]]) -> dict[int, int]:
    columns: list[list[Any]] = [[] for _ in range(8)]
    room, member, external, at, text, kind, reply, bot = columns
    places: dict[tuple[int, str], int] = {}
    for place, (room_id, member_id, record) in enumerate(rows):
        key = (room_id, record.external_id)
        if key in places:
            continue
        places[key] = place
        room.append(room_id)
        member.append(member_id)
        external.append(record.external_id)
        at.append(record.at)
        text.append(record.text)
        kind.append(record.message_kind)
        reply.append(record.reply_to)
        bot.append(record.is_bot)
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRES, columns)
        return {places[(room_id, key)]: pk for pk, room_id, key in cursor.fetchall()}
