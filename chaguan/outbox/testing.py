"""For tests: the smallest valid intent, and rows as written."""

from datetime import UTC, datetime
from typing import Any

from chaguan.kernel.actor import Actor
from chaguan.outbox.actions import plan
from chaguan.outbox.contract import Intent
from chaguan.outbox.models import OutboxRow

NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


def make_intent(**over: Any) -> Intent:
    """A `say` to room 1 on the echo channel, due at NOON."""
    values: dict[str, Any] = {
        "key": "test:1",
        "kind": "say",
        "connector": "echo",
        "account_id": 1,
        "room_id": 1,
        "due_at": NOON,
        "payload": {"text": "水开了"},
        **over,
    }
    return Intent(**values)


def make_row(**over: Any) -> OutboxRow:
    """Plan one intent and return its row."""
    intent = make_intent(**over)
    plan([intent], actor=Actor.system("tests"), now=NOON)
    return OutboxRow.objects.get(key=intent.key)
