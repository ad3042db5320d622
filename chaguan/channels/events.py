"""Facts that come in from channels, and what became of what we sent."""

from dataclasses import dataclass
from typing import ClassVar, Self

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event
from chaguan.outbox.contract import OutboxRow


@dataclass(frozen=True)
class MessagePosted(Event):
    """Somebody said something in a room. The text is in channels.Message; `chars` is its length."""

    name: ClassVar[str] = "channels.message_posted"
    title: ClassVar = _("Message posted")

    community_id: int
    room_id: int
    member_id: int
    message_id: int
    chars: int
    is_bot: bool = False
    is_reply: bool = False
    has_link: bool = False


@dataclass(frozen=True)
class MemberRenamed(Event):
    """A member took another name at a channel."""

    name: ClassVar[str] = "channels.member_renamed"
    personal: ClassVar[tuple[str, ...]] = ("old", "new")
    title: ClassVar = _("Renamed")

    community_id: int
    room_id: int
    member_id: int
    old: str
    new: str
    is_bot: bool = False


@dataclass(frozen=True)
class MessageSent(Event):
    """An outbox row arrived at its channel (or a person said so)."""

    name: ClassVar[str] = "channels.message_sent"
    title: ClassVar = _("Message sent by us")

    outbox_id: int
    kind: str
    community_id: int | None = None
    room_id: int | None = None
    member_id: int | None = None

    @classmethod
    def of(cls, row: OutboxRow) -> Self:
        """The fact about this row."""
        return cls(
            outbox_id=row.pk,
            kind=row.kind,
            community_id=row.community_id,
            room_id=row.room_id,
            member_id=row.member_id,
        )


@dataclass(frozen=True)
class SendingDecided(Event):
    """A person decided about a message on its way out. `was` is the state it was in."""

    name: ClassVar[str] = "channels.sending_decided"
    title: ClassVar = _("Decision about a message")

    outbox_id: int
    decision: str  # approved | released | cancelled | retried | sent_anyway | seen | not_seen | sent_by_person
    was: str
    community_id: int | None = None
    room_id: int | None = None
    member_id: int | None = None


@dataclass(frozen=True)
class AccountChanged(Event):
    """A channel account was added, changed or switched off."""

    name: ClassVar[str] = "channels.account_changed"
    title: ClassVar = _("Channel account changed")

    account_id: int
    connector: str
    change: str  # added | edited | switched_off | switched_on


@dataclass(frozen=True)
class LetterRead(Event):
    """A member opened a letter of ours on the member pages."""

    name: ClassVar[str] = "channels.letter_read"
    title: ClassVar = _("Letter opened")

    member_id: int
    letter_id: int
    community_id: int | None = None
