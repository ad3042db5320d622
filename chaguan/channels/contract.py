"""What a connector and an importer must do, and the registries of both."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from io import BufferedReader
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

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
    account_id: int
    account_settings: Mapping[str, Any]
    room_external_id: str = ""
    member_external_id: str = ""
    community_id: int | None = None
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

    @property
    def label(self) -> str | Promise: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def is_idempotent(self) -> bool: ...

    @property
    def reaches(self) -> frozenset[str]: ...

    def send(self, message: Outgoing) -> str:
        """Deliver and return the channel's own id. Raises DeliveryError(retry=…)."""

    def find(self, message: Outgoing) -> str | None:
        """Look back for a message that may have been sent: its id, '' if surely not, None if unknowable."""


@runtime_checkable
class SendsMany(Protocol):
    """A connector that also takes many messages in one call. Only for channels that are idempotent."""

    def send_many(self, messages: Sequence[Outgoing]) -> Sequence[str | DeliveryError]:
        """Deliver all in order: for each the channel's own id, or why it was refused.

        An exception means that nothing is known of any of them; they are then sent one by one.
        """


connectors: Registry[Connector] = Registry("connector", "chaguan.channels.connectors")

C = TypeVar("C", bound=Connector)


def connector(code: str) -> Callable[[type[C]], type[C]]:
    """Register one object of the decorated class under `code`, which is permanent."""

    def keep(cls: type[C]) -> type[C]:
        connectors.add(code)(cls())
        return cls

    return keep


RecordKind = Literal["message", "join", "leave", "kick", "rename"]


@dataclass(slots=True)
class Record:
    """One thing that happened in a room, in the normal form all importers produce.

    `external_id` is unique in the room and the same on every reading of the same file. `person` is the
    channel's id of the person (a nick, a wxid, a user id); `name` what others see. `at` is aware.
    `line` is where it stands, for reports; 1 is the first. `member_id` where the caller knows the member
    already (our own pages do); `person` is not looked up then.
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
    member_id: int | None = None


@dataclass(slots=True)
class BadLine:
    """A line with something wrong in it. The good ones go on.

    `reason` is a fixed English sentence marked with gettext_noop: it is stored, and translated when it
    is shown. `is_kept`: the line was taken over all the same, with a repair that `reason` names.
    """

    line: int
    reason: str
    sample: str = ""
    is_kept: bool = False


@dataclass(slots=True)
class Skipped:
    """A line that is understood and left out on purpose: it says nothing about people talking."""

    line: int
    reason: str


Item = Record | BadLine | Skipped


class Archive(Protocol):
    """An opened archive of several files, for formats that need to see them together."""

    names: Sequence[str]

    def open(self, name: str) -> BufferedReader:
        """Open one file inside, decompressed within the limits, as UTF-8 without a byte order mark."""


@dataclass(frozen=True)
class Sample:
    """What a format is recognised by: the first 64 KiB as text, the file's name, names in the archive."""

    name: str
    text: str
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """An open history file: decompressed within limits and always UTF-8 without a byte order mark.

    `name` is the file's name inside; `encoding` what it was written in. `archive` is set when the file
    is an archive; importers that set `reads_archive` use it instead of `stream`.
    """

    name: str
    stream: BufferedReader
    timezone: tzinfo
    encoding: str = "utf-8"
    options: Mapping[str, Any] = field(default_factory=dict)
    archive: Archive | None = None


class Importer(Protocol):
    """One format of history. One file in `channels/importers/`.

    `options`: the names of the `Source.options` it understands. `reads_archive`: it wants the whole
    archive (Slack); all others get the files of an archive one by one.
    """

    @property
    def label(self) -> str | Promise: ...
    @property
    def suffixes(self) -> tuple[str, ...]: ...
    @property
    def options(self) -> tuple[str, ...]: ...
    @property
    def reads_archive(self) -> bool: ...

    def sniff(self, sample: Sample) -> float:
        """How sure we are that this is ours, 0 to 1."""

    def read(self, source: Source) -> Iterator[Item]:
        """Yield what is in the file, in its order, streaming: memory does not grow with the file.

        Reading the same bytes with the same options again yields the same items: a resume counts them.
        """


importers: Registry[Importer] = Registry("import format", "chaguan.channels.importers")
M = TypeVar("M", bound=Importer)


def importer(code: str) -> Callable[[type[M]], type[M]]:
    """Register one object of the decorated class under `code`, which is permanent."""

    def keep(cls: type[M]) -> type[M]:
        importers.add(code)(cls())
        return cls

    return keep


@dataclass(frozen=True)
class Inbound:
    """A batch of records that arrived for one room."""

    room_id: int
    records: Sequence[Record]
