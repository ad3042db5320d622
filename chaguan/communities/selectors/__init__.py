"""Questions about communities, by noun; the ones everybody asks are named here."""

from chaguan.communities.models import Community
from chaguan.communities.selectors.rights import (
    communities_joined_by,
    communities_visible_to,
    community_ids_with,
    has_right,
    has_right_somewhere,
    rights_of,
)

__all__ = [
    "Community",
    "communities_joined_by",
    "communities_visible_to",
    "community_ids_with",
    "has_right",
    "has_right_somewhere",
    "rights_of",
]
