"""Builders for tests: the smallest valid rows."""

from datetime import UTC, datetime
from typing import Any

from chaguan.kernel.ids import new_public_id
from chaguan.people.models import Member

__all__ = ["EPOCH", "Member", "make_member"]

EPOCH = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai


def make_member(name: str = "小茶", **over: Any) -> Member:
    """A member with no identity and no community. See communities.testing to put one in."""
    values: dict[str, Any] = {
        "public_id": new_public_id(),
        "name": name,
        "stage_since": EPOCH,
        "first_seen_at": EPOCH,
    }
    return Member.objects.create(**(values | over))
