"""What apps above the outbox plug into it: renderers, and checks made when a row is claimed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from chaguan.kernel.registry import Registry
from chaguan.outbox.models import OutboxRow as OutboxRow


@dataclass(frozen=True)
class Intent:
    """A wish towards the outside, as actions write it. See OutboxRow for the fields.

    `key` is built from the cause (`run:17/step:camp_open/room:3/2026-11-21`): the same key twice is one row.
    `due_at` and `expires_at` are aware instants.
    """

    key: str
    kind: str
    connector: str
    account_id: int
    due_at: datetime
    community_id: int | None = None
    room_id: int | None = None
    member_id: int | None = None
    renderer: str = "plain"
    payload: dict[str, Any] | None = None
    purpose: str = ""
    is_promotion: bool = False
    is_urgent: bool = False
    needs_approval: bool = False
    priority: int = 0
    expires_at: datetime | None = None
    caused_by: int | None = None
    depth: int = 0


class Renderer(Protocol):
    """Turns claimed rows into texts, one statement for the batch, never one per row."""

    def __call__(self, rows: Sequence[OutboxRow]) -> dict[int, str]:
        """Return the text of each row by its id. A row left out fails with the reason `no_text`."""


renderers: Registry[Renderer] = Registry("renderer")


@dataclass(frozen=True)
class Hold:
    """What a guard decides about one row: hold it for good (`until` None) or until a later instant."""

    row_id: int
    reason: str  # a permanent code: quiet_hours, daily_cap, opted_out, type_guard …
    until: datetime | None = None


Guard = Callable[[Sequence[OutboxRow], datetime], Sequence[Hold]]
guards: Registry[Guard] = Registry("outbox guard")


@renderers.add("plain")
def plain(rows: Sequence[OutboxRow]) -> dict[int, str]:
    """The payload's own text."""
    return {row.pk: row.payload["text"] for row in rows if row.payload.get("text")}
