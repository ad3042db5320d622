"""Two shapes most metrics have: facts counted by period, and different members by period."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import Bucket, MemberIds, Metric, Row, Text
from chaguan.insights.kernels import Pairs, added, counted, ints
from chaguan.insights.periods import edges_of, period_numbers, periods_of
from chaguan.insights.types import Asked
from chaguan.kernel.errors import Invalid


def period_number(asked: Asked, key: Sequence[str]) -> int:
    """The number of the period whose first day is written in `key`."""
    try:
        return periods_of(asked).index(date.fromisoformat(key[0]))
    except (IndexError, ValueError):
        raise Invalid(_("That period is not in the range.")) from None


class Series(Metric):
    """One value for each period; the buckets add up."""

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        totals = added(tuple(partials))
        return list(zip(periods_of(asked), totals.tolist(), strict=True))


class CountedFacts(Series):
    """How many facts of some names there are in each period."""

    unit: ClassVar[Text] = pgettext_lazy("unit", "times")
    names: ClassVar[tuple[str, ...]]

    def _facts(self, bucket: Bucket, asked: Asked) -> pa.Table:
        edges = edges_of(asked)
        return bucket.facts(asked, *self.names, since_us=int(edges[0]), until_us=int(edges[-1]))

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        edges = edges_of(asked)
        numbers = period_numbers(ints(self._facts(bucket, asked), "at_us"), edges)
        return pa.table({"n": counted(numbers, len(edges) - 1)})

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        found = self._facts(bucket, asked)
        numbers = period_numbers(ints(found, "at_us"), edges_of(asked))
        return np.unique(ints(found, "member_id")[numbers == period_number(asked, key)])


class CountedMembers(Series):
    """How many different members do something in each period."""

    unit: ClassVar[Text] = pgettext_lazy("unit", "members")

    @abstractmethod
    def pairs(self, bucket: Bucket, asked: Asked) -> Pairs:
        """Who counts in which period."""

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        return pa.table({"n": counted(self.pairs(bucket, asked)[1], len(edges_of(asked)) - 1)})

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        members, numbers = self.pairs(bucket, asked)
        return np.asarray(members[numbers == period_number(asked, key)])
