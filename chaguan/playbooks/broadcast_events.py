"""Facts about what was said to many: broadcasts, and events that do not take place."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class BroadcastPlanned(Event):
    """One message was planned for many rooms; `left_out` communities do not get it."""

    name: ClassVar[str] = "playbooks.broadcast_planned"
    title: ClassVar = _("Broadcast planned")

    broadcast_id: int
    rooms: int
    left_out: int


@dataclass(frozen=True)
class BroadcastAsked(Event):
    """A promotion for many rooms was written and waits for the yes of somebody else."""

    name: ClassVar[str] = "playbooks.broadcast_asked"
    title: ClassVar = _("Broadcast waits for a second person")

    broadcast_id: int
    rooms: int
    left_out: int


@dataclass(frozen=True)
class BroadcastDecided(Event):
    """What came of the question: `decision` is approved, refused or expired."""

    name: ClassVar[str] = "playbooks.broadcast_decided"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Broadcast decided by a second person")

    broadcast_id: int
    decision: str
    reason: str = ""


@dataclass(frozen=True)
class BroadcastCancelled(Event):
    """What had not gone out of a broadcast was taken back."""

    name: ClassVar[str] = "playbooks.broadcast_cancelled"
    title: ClassVar = _("Broadcast cancelled")

    broadcast_id: int
    rows: int


@dataclass(frozen=True)
class EventCalledOff(Event):
    """An event was called off: its announcements ended, and its rooms heard so."""

    name: ClassVar[str] = "playbooks.event_called_off"
    title: ClassVar = _("Event called off")

    community_id: int
    run_id: int
    reason: str
