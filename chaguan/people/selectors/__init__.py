"""Questions about people, by noun; the ones everybody asks are named here."""

from chaguan.people.selectors.members import (
    may_see_member,
    member_by_public_id,
    members_visible_to,
)

__all__ = ["may_see_member", "member_by_public_id", "members_visible_to"]
