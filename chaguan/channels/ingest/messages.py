"""Writing messages in bulk and learning which were new."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from chaguan.channels.contract import Record
from chaguan.kernel.rowset import copied, rowset, sqlite_instant

_COLUMNS = "id, room_id, member_id, external_id, at, text, kind, reply_to, is_bot"
_SQLITE = (
    f"INSERT INTO channels_message ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (room_id, external_id) DO NOTHING"
)
_INTO = (
    "INSERT INTO channels_message"
    " (room_id, member_id, external_id, at, text, kind, reply_to, is_bot)"
)
_NEW = " ON CONFLICT (room_id, external_id) DO NOTHING RETURNING id, room_id, external_id"
_TYPES = {
    "room_id": "bigint",
    "member_id": "bigint",
    "external_id": "text",
    "at": "timestamptz",
    "text": "text",
    "kind": "text",
    "reply_to": "text",
    "is_bot": "boolean",
}
FEW = 200  # below, one statement with arrays costs less than COPY's round trips


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
                    sqlite_instant(record.at),
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
    places: dict[tuple[int, str], int] = {}
    given: list[tuple[Any, ...]] = []
    for place, (room_id, member_id, record) in enumerate(rows):
        key = (room_id, record.external_id)
        if places.setdefault(key, place) == place:
            given.append(
                (
                    *(room_id, member_id, record.external_id, record.at, record.text),
                    *(record.message_kind, record.reply_to, record.is_bot),
                )
            )
    with connection.cursor() as cursor:
        if len(given) < FEW:
            source, params = rowset(_TYPES, given)
            cursor.execute(f"{_INTO} {source}{_NEW}", params)
        else:
            copied(cursor, "incoming_messages", _TYPES, given)
            cursor.execute(f"{_INTO} SELECT * FROM incoming_messages{_NEW}")
        return {places[(room_id, key)]: pk for pk, room_id, key in cursor.fetchall()}
