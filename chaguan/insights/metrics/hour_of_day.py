"""At which hours the talk happens (活跃时段)."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import MESSAGE, Bucket, MemberIds, Metric, Row, metric
from chaguan.insights.kernels import added, counted, ints
from chaguan.insights.periods import Ints, edges_of, local_us
from chaguan.insights.types import Asked

HOUR_US = 3_600_000_000


@metric("hour_of_day")
class HourOfDay(Metric):
    label, unit = _("Hours of the day"), pgettext_lazy("unit", "messages")
    definition = _(
        "The number of messages of the range by the hour the local clock showed, 0 to 23."
    )
    columns = ("hour", "messages")

    def _hours(self, bucket: Bucket, asked: Asked) -> tuple[Ints, Ints]:
        edges = edges_of(asked)
        posts = bucket.facts(asked, MESSAGE, since_us=int(edges[0]), until_us=int(edges[-1]))
        local = local_us(ints(posts, "at_us"), asked.timezone)
        return ints(posts, "member_id"), local // HOUR_US % 24

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        return pa.table({"n": counted(self._hours(bucket, asked)[1], 24)})

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        return list(enumerate(added(tuple(partials)).tolist()))

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        members, hours = self._hours(bucket, asked)
        return np.unique(members[hours == int(key[0])])
