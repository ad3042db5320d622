"""Planning: intents become rows, once per key."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import Intent

CHUNK = 1000  # rows in one statement; 24 values each stay below SQLite's 32,766 variables

PLAN_COLUMNS = (
    "key",
    "kind",
    "connector",
    "account_id",
    "community_id",
    "room_id",
    "member_id",
    "renderer",
    "payload",
    "purpose",
    "is_promotion",
    "is_urgent",
    "needs_approval",
    "priority",
    "due_at",
    "expires_at",
    "caused_by",
    "depth",
    "created_at",
)
"""The columns that `plan_query` fills, in this order."""

_REST = {  # what every new row starts with
    "state": "'planned'",
    "reason": "''",
    "detail": "''",
    "text": "''",
    "attempts": "0",
    "claim": "''",
    "decided_by": "''",
    "external_id": "''",
}
_HEAD = f"INSERT INTO outbox_outboxrow ({', '.join([*PLAN_COLUMNS, *_REST])}) "
_ONCE = " ON CONFLICT (key) DO NOTHING"


def plan(intents: Sequence[Intent], *, actor: Actor, now: datetime) -> int:
    """Write intents; returns how many were new. One statement per 1,000."""
    added = 0
    for start in range(0, len(intents), CHUNK):
        chunk = intents[start : start + CHUNK]
        row = "(" + ", ".join([*["%s"] * len(PLAN_COLUMNS), *_REST.values()]) + ")"
        values = [value for intent in chunk for value in _values(intent, now)]
        with connection.cursor() as cursor:
            cursor.execute(_HEAD + "VALUES " + ", ".join([row] * len(chunk)) + _ONCE, values)
            added += cursor.rowcount
    return added


def plan_query(select: str, params: Sequence[Any] = ()) -> int:
    """Write one row for every row of `select`, which yields PLAN_COLUMNS in order; returns the new ones.

    One statement, whatever the number of rows. A text target on PostgreSQL wants typed columns:
    cast `payload` to jsonb and instants to timestamptz there.
    """
    rest = ", ".join(_REST.values())
    # SQLite reads "FROM x ON CONFLICT" as a join condition unless a WHERE stands between them.
    body = f"SELECT planned.*, {rest} FROM ({select}) AS planned WHERE true"
    with connection.cursor() as cursor:
        cursor.execute(_HEAD + body + _ONCE, params)
        return int(cursor.rowcount)


def _values(intent: Intent, now: datetime) -> list[Any]:
    adapt = connection.ops.adapt_datetimefield_value
    payload = json.dumps(intent.payload or {}, ensure_ascii=False)
    row = {
        **{name: getattr(intent, name, None) for name in PLAN_COLUMNS},
        "payload": payload,
        "due_at": adapt(intent.due_at),
        "expires_at": adapt(intent.expires_at) if intent.expires_at else None,
        "created_at": adapt(now),
    }
    return [row[name] for name in PLAN_COLUMNS]
