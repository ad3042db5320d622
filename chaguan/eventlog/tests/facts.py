"""Two made-up facts that the tests of the log record."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class TeaPoured(Event):
    """Tea was poured."""

    name: ClassVar[str] = "eventlog_tests.tea_poured"

    cups: int
    day: date | None = None
    member_id: int | None = None


@dataclass(frozen=True)
class TeaDrunk(Event):
    """Tea was drunk."""

    name: ClassVar[str] = "eventlog_tests.tea_drunk"

    cups: int
