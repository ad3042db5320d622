"""The plain sums of a range (总览)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import (
    JOIN,
    LEAVE,
    MESSAGE,
    REMOVAL,
    RENAME,
    Bucket,
    MemberIds,
    Metric,
    Row,
    metric,
)
from chaguan.insights.kernels import ints
from chaguan.insights.periods import DAY_US, edges_of, instant, local_us
from chaguan.insights.types import Asked
from chaguan.kernel.errors import Invalid

NAMES = {
    "messages": MESSAGE,
    "posters": MESSAGE,
    "joins": JOIN,
    "leaves": LEAVE,
    "removals": REMOVAL,
    "renames": RENAME,
    "active_days": MESSAGE,
    "first_message": MESSAGE,
    "last_message": MESSAGE,
}


@metric("totals")
class Totals(Metric):
    label, unit = _("Totals"), pgettext_lazy("unit", "as named")
    definition = _(
        "Over the whole range: messages, different posters, joins, leaves, removals, renames, days with"
        " at least one message, the first and the last message."
    )
    columns = ("measure", "value")

    def _facts(self, bucket: Bucket, asked: Asked, name: str) -> pa.Table:
        edges = edges_of(asked)
        return bucket.facts(asked, name, since_us=int(edges[0]), until_us=int(edges[-1]))

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        posts = self._facts(bucket, asked, MESSAGE)
        at = ints(posts, "at_us")
        counts = [len(at), len(np.unique(ints(posts, "member_id")))]
        counts += [self._facts(bucket, asked, n).num_rows for n in (JOIN, LEAVE, REMOVAL, RENAME)]
        days = np.unique(local_us(at, asked.timezone) // DAY_US).tolist()
        ends = [int(at.min()), int(at.max())] if len(at) else []
        return pa.table(
            {
                "counts": pa.array([counts], pa.list_(pa.int64())),
                "days": pa.array([days], pa.list_(pa.int64())),
                "ends": pa.array([ends], pa.list_(pa.int64())),
            }
        )

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        parts = pa.concat_tables(partials).to_pylist()
        sums = np.sum([part["counts"] for part in parts], axis=0).tolist()
        days = len({day for part in parts for day in part["days"]})
        ends = [at for part in parts for at in part["ends"]]
        zone = ZoneInfo(asked.timezone)
        first, last = (
            (instant(pick(ends)).astimezone(zone) if ends else None) for pick in (min, max)
        )
        return list(zip(NAMES, [*sums, days, first, last], strict=True))

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        if not key or key[0] not in NAMES:
            raise Invalid(_("That figure is not among the totals."))
        return np.unique(ints(self._facts(bucket, asked, NAMES[key[0]]), "member_id"))
