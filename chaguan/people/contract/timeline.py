"""The member's timeline: other apps add words for their facts, and entries that are no facts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor
from chaguan.kernel.registry import Registry


@dataclass(frozen=True)
class Entry:
    """One line of a member's timeline, for people to read."""

    at: datetime
    kind: str  # the fact's name, or "people.note" and the like
    title: str | Promise
    text: str | Promise = ""
    community_id: int | None = None
    event_id: int | None = None
    by: str = ""
    is_private: bool = False


Wording = Callable[[Sequence[Logged]], dict[int, str]]
"""Given facts of one name, return the text beside the title by event id. At most one statement."""

wordings: Registry[Wording] = Registry("timeline wording")
"""By fact name. A fact without an entry shows its title alone."""

Source = Callable[[Actor, int, datetime | None, int], Sequence[Entry]]
"""(actor, member_id, before, limit): the newest entries older than `before` that the actor may see."""

sources: Registry[Source] = Registry("timeline source")

routine: set[str] = set()
"""Names of facts too frequent for the timeline (each single message); their apps add a source instead."""
