"""Everything that changes people, by noun; the verbs everybody uses are named here."""

from chaguan.people.actions.members import (
    NewIdentity,
    find_or_create_members,
    opt_out_of_touches,
    rename_member,
)

__all__ = ["NewIdentity", "find_or_create_members", "opt_out_of_touches", "rename_member"]
