"""The longest times in which nobody said anything (最长沉默)."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import MESSAGE, Bucket, MemberIds, Metric, Row, metric
from chaguan.insights.kernels import ints, rounded_share
from chaguan.insights.periods import edges_of, instant, instant_us
from chaguan.insights.types import Asked


@metric("longest_silence")
class LongestSilence(Metric):
    label, unit = _("Longest silences"), pgettext_lazy("unit", "hours")
    definition = _(
        "The %(places)s longest times between two messages of the range that follow each other; hours from"
        " minute to minute, to 2 digits."
    )
    windows = {"places": 5}
    columns = ("from", "until", "hours")

    def _posts(self, bucket: Bucket, asked: Asked) -> pa.Table:
        edges = edges_of(asked)
        return bucket.facts(asked, MESSAGE, since_us=int(edges[0]), until_us=int(edges[-1]))

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        return pa.table({"at_us": np.unique(ints(self._posts(bucket, asked), "at_us"))})

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        at = np.unique(ints(pa.concat_tables(partials), "at_us"))
        minutes = np.diff(at // 60_000_000)
        zone = ZoneInfo(asked.timezone)
        return [
            (
                instant(at[i]).astimezone(zone),
                instant(at[i + 1]).astimezone(zone),
                rounded_share(int(minutes[i]), 60, 2),
            )
            for i in np.argsort(-minutes, kind="stable")[: asked.windows["places"]].tolist()
        ]

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        """Those who spoke at the two ends of the silence."""
        ends = [instant_us(datetime.fromisoformat(text)) for text in key[:2]]
        posts = self._posts(bucket, asked)
        return np.unique(ints(posts, "member_id")[np.isin(ints(posts, "at_us"), ends)])
