"""What a metric is: its definition, what one bucket of members adds, and how buckets are put together."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
import pyarrow as pa
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from chaguan.insights.types import Asked
from chaguan.kernel.registry import Registry

Row = tuple[Any, ...]
MemberIds = NDArray[np.int64]
Text = str | Promise

MESSAGE = "channels.message_posted"
JOIN = "communities.member_joined"
LEAVE = "communities.member_left"
REMOVAL = "communities.member_removed"
RENAME = "channels.member_renamed"
ORDER = "people.order_confirmed"
PRESENCE = (MESSAGE, JOIN, LEAVE, REMOVAL, RENAME)  # what channels tell of a member


class Bucket(Protocol):
    """The facts of some members: all of a member's facts are in one bucket."""

    def facts(
        self,
        asked: Asked,
        *names: str,
        since_us: int | None = None,
        until_us: int | None = None,
        extra: tuple[str, ...] = (),
    ) -> pa.Table:
        """Columns member_id and at_us (UTC µs) plus `extra`, of the communities and names asked for.

        Known bots are left out unless the question takes them in. `until_us` is exclusive. No order.
        """


class Metric(ABC):
    """One number, or one small table, with its definition in words.

    `definition` is a sentence with the formula and its windows as %(name)s. `windows` may be edited: that
    makes a new edition, and periods that began before it keep the old one. A change of the code's meaning
    raises `version`.
    """

    label: ClassVar[Text]
    unit: ClassVar[Text]
    definition: ClassVar[Text]
    denominator: ClassVar[Text] = _("None: this is a count.")
    zone_rule: ClassVar[Text] = _(
        "Days, weeks (from Monday) and months are those of the zone asked."
    )
    bots_rule: ClassVar[Text] = _("Known bots are left out unless asked for.")
    version: ClassVar[int] = 1
    windows: ClassVar[Mapping[str, int]] = {}
    columns: ClassVar[tuple[str, ...]] = ("period", "value")

    @abstractmethod
    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        """What the members of one bucket add. Plain columns, so that it can travel."""

    @abstractmethod
    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        """Put the buckets together: rows in the order of `columns`, dates as `date`."""

    def finish(self, rows: list[Row], asked: Asked) -> list[Row]:
        """Last touch with the database at hand, such as names. Most metrics need none."""
        return rows

    @abstractmethod
    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        """The members of this bucket behind the row whose first columns read `key`."""

    @property
    def is_series(self) -> bool:
        """Whether there is one value for each period."""
        return self.columns == ("period", "value")


metrics: Registry[Metric] = Registry("metric", "chaguan.insights.metrics")


def metric(code: str) -> Any:
    """Register a metric class under its permanent code."""

    def keep(cls: type[Metric]) -> type[Metric]:
        metrics.add(code)(cls())
        return cls

    return keep
