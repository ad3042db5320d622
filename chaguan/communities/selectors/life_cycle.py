"""Where a community may go next in its life, and what it lacks for that."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from chaguan.communities.kinds import Preset, in_my_language, preset_of
from chaguan.communities.models import ClosingCheck, Community
from chaguan.communities.readiness import NEEDED_TO_OPEN, end_of_life, missing_to_open
from chaguan.communities.types import ClosingItem, CommunityType
from chaguan.communities.words import CLOSING_LABELS


@dataclass(frozen=True)
class CheckLine:
    """One item of a checklist. `sentence` says what is missing, or what is done."""

    code: str
    sentence: str | Promise
    is_done: bool
    at: datetime | None = None


def opening_list(community: Community) -> list[CheckLine]:
    """What a community must say of itself before it leaves draft."""
    missing = {field for field, _sentence in missing_to_open(community)}
    return [CheckLine(field, words, field not in missing) for field, words in NEEDED_TO_OPEN]


def closing_list(community_id: int) -> list[CheckLine]:
    """The closing checklist with its ticks. One statement."""
    ticks = dict(ClosingCheck.objects.filter(community_id=community_id).values_list("item", "at"))
    return [
        CheckLine(item.value, CLOSING_LABELS[item], item.value in ticks, ticks.get(item.value))
        for item in ClosingItem
    ]


def planned_end(community: Community) -> datetime | None:
    """When it ends, by its own date or its type's lifetime; None where it is meant to last."""
    return end_of_life(community.type, community.opened_at, community.closes_at)


@dataclass(frozen=True)
class TypeCard:
    """A type as the wizard offers it, in the reader's language."""

    code: str
    purpose: str
    audience: str
    expected_effect: str
    preset: Preset


def type_cards() -> list[TypeCard]:
    """The six types with what they come with."""
    cards = []
    for kind in CommunityType:
        preset = preset_of(kind)
        cards.append(
            TypeCard(
                kind.value,
                in_my_language(preset.purpose),
                in_my_language(preset.audience),
                in_my_language(preset.expected_effect),
                preset,
            )
        )
    return cards
