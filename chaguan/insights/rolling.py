"""Different members in a window that rolls with the periods: DAU, WAU and MAU have this shape."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

import numpy as np
import pyarrow as pa
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import MESSAGE, Bucket, MemberIds, Text
from chaguan.insights.kernels import ints
from chaguan.insights.periods import Ints, edges_of, midnight_us, next_first_day, periods_of
from chaguan.insights.series import Series, period_number
from chaguan.insights.types import Asked


class RollingMembers(Series):
    """Different members who posted in the `days` local days that end with the period's last day."""

    unit: ClassVar[Text] = pgettext_lazy("unit", "members")

    def window_edges(self, asked: Asked) -> tuple[Ints, Ints]:
        """Where each period's window begins and ends."""
        last_days = [
            min(next_first_day(first, asked.every) - timedelta(days=1), asked.until)
            for first in periods_of(asked)
        ]
        back = timedelta(days=asked.windows["days"] - 1)
        starts = [midnight_us(day - back, asked.timezone) for day in last_days]
        return np.array(starts, dtype=np.int64), edges_of(asked)[1:]

    def _posts(self, bucket: Bucket, asked: Asked) -> tuple[Ints, Ints]:
        starts, ends = self.window_edges(asked)
        posts = bucket.facts(asked, MESSAGE, since_us=int(starts[0]), until_us=int(ends[-1]))
        return ints(posts, "member_id"), ints(posts, "at_us")

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        """Each post opens a run of windows; runs of one member are joined, then counted by differences."""
        starts, ends = self.window_edges(asked)
        members, at = self._posts(bucket, asked)
        order = np.lexsort((at, members))
        members, at = members[order], at[order]
        first = np.searchsorted(ends, at, side="right")
        last = np.searchsorted(starts, at, side="right") - 1
        same = members[1:] == members[:-1]
        first[1:][same] = np.maximum(first[1:][same], last[:-1][same] + 1)
        opens = first <= last
        steps = np.zeros(len(ends) + 1, dtype=np.int64)
        np.add.at(steps, first[opens], 1)
        np.add.at(steps, last[opens] + 1, -1)
        return pa.table({"n": np.cumsum(steps)[:-1]})

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        number = period_number(asked, key)
        starts, ends = self.window_edges(asked)
        members, at = self._posts(bucket, asked)
        return np.unique(members[(at >= starts[number]) & (at < ends[number])])
