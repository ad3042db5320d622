"""Who answered: people who spoke in a room soon after something was said there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from chaguan.kernel.rowset import rowset

_SPOKE = """
SELECT DISTINCT m.member_id FROM ({said}) AS s
JOIN channels_message AS m ON m.room_id = s.room_id AND m.at > s.since AND m.at <= s.until
WHERE m.member_id IS NOT NULL AND NOT m.is_bot AND m.outbox_id IS NULL
"""


def spoke_after(said: Sequence[tuple[int, datetime]], within: timedelta) -> set[int]:
    """Members who wrote in a room within a span of something said there: (room, instant). One statement.

    For apps that have checked who may look.
    """
    if not said:
        return set()
    columns = {"room_id": "bigint", "since": "timestamptz", "until": "timestamptz"}
    sql, params = rowset(columns, [(room, at, at + within) for room, at in said])
    with connection.cursor() as cursor:
        cursor.execute(_SPOKE.format(said=sql), params)
        return {int(row[0]) for row in cursor.fetchall()}
