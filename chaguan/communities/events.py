"""Facts about communities and who belongs to them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class MemberJoined(Event):
    """A member came into a community. `room_id` where a channel told us the room."""

    name: ClassVar[str] = "communities.member_joined"
    title: ClassVar = _("Joined")

    community_id: int
    member_id: int
    room_id: int | None = None
    origin: str = ""
    is_bot: bool = False


@dataclass(frozen=True)
class MemberLeft(Event):
    """A member left by themselves."""

    name: ClassVar[str] = "communities.member_left"
    title: ClassVar = _("Left")

    community_id: int
    member_id: int
    room_id: int | None = None
    is_bot: bool = False


@dataclass(frozen=True)
class MemberRemoved(Event):
    """A member was removed by a decision (踢出)."""

    name: ClassVar[str] = "communities.member_removed"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Removed")

    community_id: int
    member_id: int
    room_id: int | None = None
    reason: str = ""
    is_bot: bool = False


@dataclass(frozen=True)
class PhaseChanged(Event):
    """A community moved in its life cycle."""

    name: ClassVar[str] = "communities.phase_changed"
    title: ClassVar = _("Phase changed")

    community_id: int
    old: str
    new: str


@dataclass(frozen=True)
class SessionOpened(Event):
    """A formal session (正式讨论) began, led by a member or a colleague."""

    name: ClassVar[str] = "communities.session_opened"
    title: ClassVar = _("Session opened")

    community_id: int
    topic: str
    member_id: int | None = None


@dataclass(frozen=True)
class CommunityChanged(Event):
    """Staff created a community or changed what it says of itself. `changes` names the fields."""

    name: ClassVar[str] = "communities.community_changed"
    title: ClassVar = _("Community changed")

    community_id: int
    changes: str


@dataclass(frozen=True)
class RoleGiven(Event):
    """A member took an in-group role."""

    name: ClassVar[str] = "communities.role_given"
    title: ClassVar = _("Role given")

    community_id: int
    member_id: int
    role: str


@dataclass(frozen=True)
class RoleEnded(Event):
    """An in-group role ended."""

    name: ClassVar[str] = "communities.role_ended"
    title: ClassVar = _("Role ended")

    community_id: int
    member_id: int
    role: str


@dataclass(frozen=True)
class GuardOverridden(Event):
    """An owner overrode what the community's type forbids, with a reason."""

    name: ClassVar[str] = "communities.guard_overridden"
    title: ClassVar = _("Type guard overridden")

    community_id: int
    guard: str
    reason: str


@dataclass(frozen=True)
class PeriodProposed(Event):
    """A community is old enough for its next period of work."""

    name: ClassVar[str] = "communities.period_proposed"
    title: ClassVar = _("Next period proposed")

    community_id: int
    to: str


@dataclass(frozen=True)
class PeriodChanged(Event):
    """A community went into another period of work."""

    name: ClassVar[str] = "communities.period_changed"
    title: ClassVar = _("Period of work changed")

    community_id: int
    old: str
    new: str
    reason: str = ""


@dataclass(frozen=True)
class PeriodDeclined(Event):
    """Somebody found it too early for the next period, with a reason."""

    name: ClassVar[str] = "communities.period_declined"
    title: ClassVar = _("Next period declined")

    community_id: int
    to: str
    reason: str


@dataclass(frozen=True)
class MemberActivated(Event):
    """A member reached the activation goal of a community. `took_s` seconds after joining."""

    name: ClassVar[str] = "communities.member_activated"
    title: ClassVar = _("Has experienced the product")

    community_id: int
    member_id: int
    took_s: int


@dataclass(frozen=True)
class ActivationGoalChanged(Event):
    """Somebody said anew which acts mean that a person has experienced the product."""

    name: ClassVar[str] = "communities.activation_goal_changed"
    title: ClassVar = _("Activation goal changed")

    community_id: int | None
    acts: list[dict[str, Any]]


@dataclass(frozen=True)
class AdRemoved(Event):
    """Somebody took one advertisement out of a room."""

    name: ClassVar[str] = "communities.ad_removed"
    title: ClassVar = _("Advertisement removed")

    community_id: int
