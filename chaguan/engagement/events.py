"""Facts this app writes to the event log."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class SignedIn(Event):
    """A member signed in. Written once per community, member and local day."""

    name: ClassVar[str] = "engagement.signed_in"
    title: ClassVar = _("Signed in")

    community_id: int
    member_id: int
    day: date
    streak_days: int  # consecutive days ending at `day`, so at least 1


@dataclass(frozen=True)
class DayMadeUp(Event):
    """A missed day was repaired with a make-up card. `streak_days` is the whole run it belongs to."""

    name: ClassVar[str] = "engagement.day_made_up"
    title: ClassVar = _("Missed day made up")

    community_id: int
    member_id: int
    day: date
    streak_days: int


@dataclass(frozen=True)
class CheckInAsked(Event):
    """The members of a community were asked to check in on a prompt."""

    name: ClassVar[str] = "engagement.check_in_asked"
    title: ClassVar = _("Check-in asked")

    community_id: int
    ask_id: int
    key: str


@dataclass(frozen=True)
class CheckedIn(Event):
    """A member answered a prompt. Written once per prompt and member; the note stays out of the log."""

    name: ClassVar[str] = "engagement.checked_in"
    title: ClassVar = _("Checked in")

    community_id: int
    member_id: int
    ask_id: int
    key: str  # of the ask, so that a playbook step can wait for it
    day: date
