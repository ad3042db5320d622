"""What a fact is, what a subscriber gets, and the two registries of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar, get_type_hints

from django.utils.functional import Promise

from chaguan.kernel.errors import DuplicateCode, UnknownCode

COLUMNS = ("community_id", "room_id", "member_id")  # fields that have a column of their own
BATCH = 1000  # facts that a subscriber gets at a time; readers of one size share what is read


class Event:
    """Base of all facts: frozen dataclasses in the past tense, with ids and plain values only.

    `name` is `app.past_tense` and permanent. `personal` lists the fields that are blanked when a person
    is erased. `title` is what operators read in the catalogue. Fields named in COLUMNS go to columns.
    """

    name: ClassVar[str] = ""
    personal: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str | Promise] = ""

    def __init_subclass__(cls) -> None:
        if cls.name:
            if _facts.setdefault(cls.name, cls).__qualname__ != cls.__qualname__:
                raise DuplicateCode(f"two facts claim the name {cls.name!r}")
            _facts[cls.name] = cls  # dataclass(slots=True) makes the class a second time

    def columns(self) -> dict[str, int | None]:
        """The ids that have a column of their own; None where this fact has no such field."""
        return {column: getattr(self, column, None) for column in COLUMNS}

    def payload(self) -> dict[str, Any]:
        """The other fields, as JSON values."""
        return {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in asdict(self).items()  # type: ignore[call-overload] # subclasses are dataclasses
            if key not in COLUMNS
        }


_facts: dict[str, type[Event]] = {}


def catalogue() -> Iterator[tuple[str, type[Event]]]:
    """All facts by name, in order. An operator picks triggers from it."""
    return iter(sorted(_facts.items()))


def fact_class(name: str) -> type[Event]:
    """Return the class of a fact, or raise UnknownCode."""
    try:
        return _facts[name]
    except KeyError:
        raise UnknownCode(f"There is no fact {name!r}.") from None


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of the log as subscribers get it."""

    id: int
    name: str
    at: datetime
    community_id: int | None
    room_id: int | None
    member_id: int | None
    actor: str
    caused_by: int | None
    depth: int
    data: dict[str, Any]

    def fact(self) -> Event:
        """Build the fact's own class again. Fields that were added later take their defaults."""
        cls = fact_class(self.name)
        values = {**self.data, **{c: getattr(self, c) for c in COLUMNS}}
        kinds = _field_kinds(cls)
        return cls(
            **{
                field: _revive(values[field], kind)
                for field, kind in kinds.items()
                if field in values
            }
        )


_kinds: dict[str, dict[str, str]] = {}


def _field_kinds(cls: type[Event]) -> dict[str, str]:
    """Which fields hold instants and dates: the words of their types, whatever the quoting."""
    if cls.name in _kinds:
        return _kinds[cls.name]
    hints = get_type_hints(cls)
    kinds = {f.name: str(hints[f.name]) for f in fields(cls)}  # type: ignore[arg-type] # a dataclass
    return _kinds.setdefault(cls.name, kinds)


def _revive(value: Any, kind: str) -> Any:
    """Turn ISO text back into instants and dates where the field's type says so."""
    if isinstance(value, str) and "datetime.datetime" in kind:
        return datetime.fromisoformat(value)
    if isinstance(value, str) and "datetime.date" in kind:
        return date.fromisoformat(value)
    return value


Batch = Sequence[Logged]
Handler = Callable[[Batch], None]


@dataclass(frozen=True)
class Subscriber:
    """A reader of the log: called with batches in order, in the transaction that moves its position."""

    name: str
    facts: frozenset[str] | None  # None: all
    handler: Handler
    batch_size: int = BATCH


_subscribers: dict[str, Subscriber] = {}


def subscribe(
    name: str, *to: type[Event], everything: bool = False, batch_size: int = BATCH
) -> Callable[[Handler], Handler]:
    """Register `handler(batch)` for the facts `to`. `name` is permanent: positions are stored by it."""

    def keep(handler: Handler) -> Handler:
        if name in _subscribers:
            raise DuplicateCode(f"two subscribers claim the name {name!r}")
        wanted = None if everything else frozenset(cls.name for cls in to)
        _subscribers[name] = Subscriber(name, wanted, handler, batch_size)
        return handler

    return keep


def subscribers() -> Sequence[Subscriber]:
    """All subscribers by name."""
    return [_subscribers[name] for name in sorted(_subscribers)]
