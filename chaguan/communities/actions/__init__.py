"""Everything that changes communities, by noun; the verbs everybody uses are named here."""

from chaguan.communities.actions.memberships import (
    apply_to_join,
    join_community,
    leave_community,
    remove_member,
    set_card,
)
from chaguan.communities.actions.presence import (
    Movement,
    Spoken,
    apply_joins_and_leaves,
    count_messages,
)

__all__ = [
    "Movement",
    "Spoken",
    "apply_joins_and_leaves",
    "apply_to_join",
    "count_messages",
    "join_community",
    "leave_community",
    "remove_member",
    "set_card",
]
