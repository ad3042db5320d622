"""How unevenly the talk is spread over its posters (发言集中度)."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import MESSAGE, Bucket, MemberIds, Metric, Row, metric
from chaguan.insights.kernels import ints, rounded_share
from chaguan.insights.periods import Ints, edges_of
from chaguan.insights.types import Asked


def posts_by_member(bucket: Bucket, asked: Asked) -> tuple[Ints, Ints]:
    """The members who posted in the range and how often each did."""
    edges = edges_of(asked)
    posts = bucket.facts(asked, MESSAGE, since_us=int(edges[0]), until_us=int(edges[-1]))
    members, n = np.unique(ints(posts, "member_id"), return_counts=True)
    return members, np.asarray(n, dtype=np.int64)


def gini(counts: Ints) -> float:
    """0 when all post alike, towards 1 when one posts everything; to 4 digits."""
    n, total = len(counts), int(counts.sum())
    ranks = np.arange(1, n + 1)
    lifted = 2 * int((ranks * np.sort(counts)).sum()) - (n + 1) * total
    return rounded_share(lifted, n * total)


def top_share(counts: Ints, percent: int) -> float:
    """The share of messages by the busiest `percent` of posters, their number rounded up."""
    top = -(-len(counts) * percent // 100)
    return rounded_share(int(np.sort(counts)[::-1][:top].sum()), int(counts.sum()))


@metric("concentration")
class Concentration(Metric):
    label, unit = _("Concentration of talk"), pgettext_lazy("unit", "share")
    definition = _(
        "Over the messages of the range by poster: gini, the Gini coefficient (0: all post alike, 1: one"
        " posts everything); top_share, the part of all messages by the busiest %(top_percent)s%% of"
        " posters, their number rounded up; the numbers of posters and messages."
    )
    denominator = _("All messages of the range by members who posted.")
    windows = {"top_percent": 10}
    columns = ("measure", "value")

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        members, n = posts_by_member(bucket, asked)
        return pa.table({"member_id": members, "n": n})

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        counts = ints(pa.concat_tables(partials), "n")
        return [
            ("gini", gini(counts)),
            ("top_share", top_share(counts, asked.windows["top_percent"])),
            ("posters", len(counts)),
            ("messages", int(counts.sum())),
        ]

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        return posts_by_member(bucket, asked)[0]
