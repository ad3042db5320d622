"""Facts this app writes to the event log."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class HealthChanged(Event):
    """A community's condition changed. `old` is empty the first time; `reason` is the main code."""

    name: ClassVar[str] = "insights.health_changed"
    title: ClassVar = _("Health changed")

    community_id: int
    old: str
    new: str
    reason: str = ""
    edition: str = ""


@dataclass(frozen=True)
class DefinitionChanged(Event):
    """Somebody changed the windows of a metric: a new edition from now on."""

    name: ClassVar[str] = "insights.definition_changed"
    title: ClassVar = _("Definition changed")

    code: str
    edition: str
    note: str = ""
