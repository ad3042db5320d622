"""How playbooks write times, roles and documents: what screens need to show and to fill them in."""

from chaguan.playbooks.document import Playbook as PlaybookDocument
from chaguan.playbooks.offsets import (
    BadOffset,
    Day,
    Deadline,
    Delta,
    Moment,
    Recurring,
    Repeat,
    Rule,
    Trigger,
    parse_offset,
)
from chaguan.playbooks.roles import ROLE_NAMES, Person, proposed, roles_needed
from chaguan.playbooks.schedule import local_instant

__all__ = [
    "ROLE_NAMES",
    "BadOffset",
    "Day",
    "Deadline",
    "Delta",
    "Moment",
    "Person",
    "PlaybookDocument",
    "Recurring",
    "Repeat",
    "Rule",
    "Trigger",
    "local_instant",
    "parse_offset",
    "proposed",
    "roles_needed",
]
