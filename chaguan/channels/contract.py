"""What a connector and an importer must do, and the registries of both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, BinaryIO, Literal, Protocol

from django.utils.functional import Promise

from chaguan.kernel.registry import Registry


@dataclass(frozen=True)
class Limits:
    """What the channel allows one account. `burst` counts inside `per_minute`, so no window exceeds it."""

    per_minute: int
    burst: int = 1
    max_chars: int = 4000


@dataclass(frozen=True)
class Outgoing:
    """One message on its way out. `key` is the same on every attempt: idempotent channels dedupe by it."""

    key: str
    kind: str  # say | touch | …
    text: str
    account_settings: Mapping[str, Any]
    room_external_id: str = ""
    member_external_id: str = ""
    room_id: int | None = None
    member_id: int | None = None
    outbox_id: int | None = None


class DeliveryError(Exception):
    """The outside failed. `retry` is the one bit that decides what happens next."""

    def __init__(self, detail: str, *, retry: bool, after_s: float | None = None) -> None:
        super().__init__(detail)
        self.retry = retry
        self.after_s = after_s  # the vendor's own wish, where it names one


class Connector(Protocol):
    """One channel. Stateless: settings come with each call.

    `is_idempotent`: sending twice with one key delivers once. `reaches`: kinds it can deliver itself;
    any other kind becomes an assignment for a person (assisted sending).
    """

    label: str | Promise
    limits: Limits
    is_idempotent: bool
    reaches: frozenset[str]

    def send(self, message: Outgoing) -> str:
        """Deliver and return the channel's own id. Raises DeliveryError(retry=…)."""

    def find(self, message: Outgoing) -> str | None:
        """Look back for a message that may have been sent: its id, '' if surely not, None if unknowable."""


connectors: Registry[Connector] = Registry("connector", "chaguan.channels.connectors")

RecordKind = Literal["message", "join", "leave", "kick", "rename"]


@dataclass(slots=True)
class Record:
    """One thing that happened in a room, in the normal form all importers produce.

    `external_id` is unique in the room and the same on every reading of the same file. `person` is the
    channel's id of the person (a nick, a wxid, a user id); `name` what others see. `at` is aware.
    `line` is where it stands, for reports; 1 is the first.
    """

    external_id: str
    at: datetime
    kind: RecordKind
    person: str
    name: str = ""
    text: str = ""
    room: str = ""
    is_bot: bool = False
    reply_to: str = ""
    new_name: str = ""  # rename only
    message_kind: str = "text"
    line: int = 0


@dataclass(slots=True)
class BadLine:
    """A line that could not be read. The good ones go on."""

    line: int
    reason: str
    sample: str = ""


@dataclass(frozen=True)
class Source:
    """An open history file, already decompressed and checked. `name` is the file's name inside."""

    name: str
    stream: BinaryIO
    timezone: tzinfo
    encoding: str = "utf-8"
    options: Mapping[str, Any] = field(default_factory=dict)


class Importer(Protocol):
    """One format of history. One file in `channels/importers/`."""

    label: str | Promise
    suffixes: tuple[str, ...]

    def sniff(self, head: bytes, name: str) -> float:
        """How sure we are that this is ours, 0 to 1, from the first 64 KiB and the file's name."""

    def read(self, source: Source) -> Iterator[Record | BadLine]:
        """Yield records in file order, streaming: memory does not grow with the file."""


importers: Registry[Importer] = Registry("import format", "chaguan.channels.importers")


@dataclass(frozen=True)
class Inbound:
    """A batch of records that arrived for one room."""

    room_id: int
    records: Sequence[Record]
