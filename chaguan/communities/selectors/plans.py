"""What a type of community says to a plan: for those who write and start playbooks."""

from chaguan.communities.guards import (
    PUSH_GUARD,
    PUSHES,
    STAFF_STEPS,
    check_plan,
    check_pushes,
)
from chaguan.communities.selectors.contents import content_of

__all__ = [
    "PUSHES",
    "PUSH_GUARD",
    "STAFF_STEPS",
    "check_plan",
    "check_pushes",
    "content_of",
]
