"""Texts of messages, for readers of the log that need the words."""

from collections.abc import Sequence

from django.db import connection

from chaguan.kernel.rowset import rowset


def texts_of(message_ids: Sequence[int]) -> dict[int, str]:
    """The text of each message by its id; erased ones are left out. One statement for any number."""
    given, params = rowset({"id": "bigint"}, [(message_id,) for message_id in message_ids])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id, m.text FROM ({given}) AS v CROSS JOIN channels_message AS m"
            " WHERE m.id = v.id",
            params,
        )
        return dict(cursor.fetchall())
