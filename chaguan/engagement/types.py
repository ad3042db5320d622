"""Words for engagement."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class SignInWay(StrEnum):
    """How a sign-in came about."""

    PORTAL = "portal"  # the button on the member's page
    ROOM = "room"  # a keyword or a morning greeting in a room
    MAKE_UP = "make_up"  # a missed day, repaired with a card


@dataclass(frozen=True)
class Presence:
    """One member present in one community on one local day. `caused_by` is the message's event, if any."""

    community_id: int
    member_id: int
    day: date
    at: datetime
    way: SignInWay
    actor: str
    caused_by: int | None = None
    depth: int = 0


@dataclass(frozen=True)
class SignInCard:
    """What a member's page shows about signing in to one community."""

    community_id: int
    day: date
    is_signed_in: bool
    streak_days: int
    best_streak_days: int
    make_up_cards: int
    days_to_next_card: int
    repairable: tuple[date, ...]
