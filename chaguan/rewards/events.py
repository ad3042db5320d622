"""Facts this app writes to the event log."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class PointsAwarded(Event):
    """A member got points. `balance` is what they hold in the community after it."""

    name: ClassVar[str] = "rewards.points_awarded"
    title: ClassVar = _("Points awarded")

    community_id: int
    member_id: int
    points: int
    rule: str
    entry_id: int
    balance: int


@dataclass(frozen=True)
class PointsSpent(Event):
    """A member spent points."""

    name: ClassVar[str] = "rewards.points_spent"
    title: ClassVar = _("Points spent")

    community_id: int
    member_id: int
    points: int
    entry_id: int


@dataclass(frozen=True)
class EntryCorrected(Event):
    """An entry was answered by a counter-entry, with a reason."""

    name: ClassVar[str] = "rewards.entry_corrected"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Points corrected")

    community_id: int
    entry_id: int
    corrected_entry_id: int
    points: int
    reason: str
    member_id: int | None = None
