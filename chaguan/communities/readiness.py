"""What a community lacks before it may move on in its life cycle."""

from collections.abc import Collection
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.communities.kinds import preset_of
from chaguan.communities.models import Community
from chaguan.communities.types import ClosingItem, CommunityType
from chaguan.communities.words import CLOSING_LABELS

NEEDED_TO_OPEN: tuple[tuple[str, str | Promise], ...] = (
    ("type", _("Choose the type of the community.")),
    ("target_stages", _("Choose the relation stages it is for.")),
    ("purpose", _("The charter does not say why the community exists.")),
    ("audience", _("The charter does not say for whom the community is.")),
    ("expected_effect", _("The charter does not say what should come of it.")),
)


def missing_to_open(community: Community) -> list[tuple[str, str | Promise]]:
    """Fields that are empty and must not be, with a sentence each; empty when it may leave draft."""
    return [
        (field, sentence)
        for field, sentence in NEEDED_TO_OPEN
        if not (value := getattr(community, field)) or not str(value).strip()
    ]


def missing_to_close(done: Collection[str]) -> list[tuple[ClosingItem, str | Promise]]:
    """Items of the closing checklist that are not ticked."""
    return [(item, CLOSING_LABELS[item]) for item in ClosingItem if item.value not in done]


def end_of_life(
    kind: str, opened_at: datetime | None, closes_at: datetime | None
) -> datetime | None:
    """When the community ends: as planned, but never later than its type lets it live by force."""
    preset = preset_of(kind) if kind in set(CommunityType) else None
    if preset is None or opened_at is None or preset.lifetime is None:
        return closes_at
    natural = opened_at + preset.lifetime
    if preset.closes_by_itself:
        return min(closes_at or natural, natural)
    return closes_at or natural
