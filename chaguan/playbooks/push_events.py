"""Facts about recurrent promotions: when they rest because people had enough, and when they go on."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class PushesRested(Event):
    """People had enough: recurrent promotions of a community rest. `why`: leaves or replies."""

    name: ClassVar[str] = "playbooks.pushes_rested"
    title: ClassVar = _("Recurrent promotions rest")

    community_id: int
    why: str
    now_count: int
    was_count: int


@dataclass(frozen=True)
class PushesResumed(Event):
    """Recurrent promotions go on: the rest was over, or a person said so with a reason."""

    name: ClassVar[str] = "playbooks.pushes_resumed"
    title: ClassVar = _("Recurrent promotions go on")

    community_id: int
    reason: str = ""
