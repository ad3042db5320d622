"""What apps above people plug into it: reach over members, segment conditions, timeline words."""

from chaguan.people.contract.conditions import (
    Asking,
    Condition,
    Match,
    Operand,
    condition,
    conditions,
)
from chaguan.people.contract.reach import EVERYONE, NOBODY, Reach, reach_of, reaches
from chaguan.people.contract.timeline import Entry, sources, wordings

__all__ = [
    "EVERYONE",
    "NOBODY",
    "Asking",
    "Condition",
    "Entry",
    "Match",
    "Operand",
    "Reach",
    "condition",
    "conditions",
    "reach_of",
    "reaches",
    "sources",
    "wordings",
]
