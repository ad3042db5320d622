"""Who posts most (发言榜)."""

from collections.abc import Sequence

import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import Bucket, MemberIds, Metric, Row, metric
from chaguan.insights.metrics.concentration import posts_by_member
from chaguan.insights.types import Asked
from chaguan.people.selectors.names import names_of


@metric("top_posters")
class TopPosters(Metric):
    label, unit = _("Top posters"), pgettext_lazy("unit", "messages")
    definition = _(
        "The %(places)s members with the most messages in the range; equal numbers are ordered by name."
    )
    windows = {"places": 30}
    columns = ("rank", "member", "messages", "name")

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        members, n = posts_by_member(bucket, asked)
        return pa.table({"member_id": members, "n": n})

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        """Those who post at least as much as the last place; ties beyond it are settled by `finish`."""
        rows = pa.concat_tables(partials).sort_by([("n", "descending"), ("member_id", "ascending")])
        members, n = rows.column("member_id").to_pylist(), rows.column("n").to_pylist()
        least = n[min(asked.windows["places"], len(n)) - 1] if n else 0
        return [(0, m, count, "") for m, count in zip(members, n, strict=True) if count >= least]

    def finish(self, rows: list[Row], asked: Asked) -> list[Row]:
        names = names_of([row[1] for row in rows])
        ordered = sorted(rows, key=lambda row: (-row[2], names.get(row[1], ""), row[1]))
        return [
            (rank, member, n, names.get(member, ""))
            for rank, (_rank, member, n, _name) in enumerate(ordered[: asked.windows["places"]], 1)
        ]

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        members = posts_by_member(bucket, asked)[0]
        return members[members == int(key[1])] if len(key) > 1 else members
