"""Retention by the period and the source of the first join (入群留存)."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.cohorts import (
    active_pairs,
    begun,
    cohort_key,
    members_at,
    merged,
    text_column,
    triangle,
)
from chaguan.insights.contract import JOIN, Bucket, MemberIds, Metric, Row, metric
from chaguan.insights.kernels import Pairs, ints
from chaguan.insights.periods import edges_of, periods_of
from chaguan.insights.series import period_number
from chaguan.insights.types import Asked


@metric("join_cohorts")
class JoinCohorts(Metric):
    label, unit = _("Cohorts by join and source"), pgettext_lazy("unit", "members")
    definition = _(
        "A cohort is everybody whose first join of the community falls in one period and came by one"
        " source (size). Row number k tells how many of them posted in the k-th period after it (active)."
        " Periods in which none of them posted have no row; an unknown source is an empty text."
    )
    denominator = _("The size of the cohort.")
    columns = ("source", "cohort", "period_no", "active", "size")

    def _by_source(self, bucket: Bucket, asked: Asked) -> list[tuple[str, Pairs]]:
        edges = edges_of(asked)
        joins = bucket.facts(asked, JOIN, until_us=int(edges[-1]), extra=("origin", "id"))
        members, at = ints(joins, "member_id"), ints(joins, "at_us")
        order = np.lexsort((ints(joins, "id"), at, members))
        members, at, origins = members[order], at[order], text_column(joins, "origin")[order]
        fresh = np.ones(len(members), dtype=bool)
        fresh[1:] = members[1:] != members[:-1]
        members, at, origins = members[fresh], at[fresh], origins[fresh]
        return [
            (source, begun(members[origins == source], at[origins == source], edges))
            for source in sorted(set(origins.tolist()))
        ]

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        active = active_pairs(bucket, asked)
        empty = np.array([], dtype=np.int64)
        found = self._by_source(bucket, asked) or [("", (empty, empty))]
        return pa.concat_tables([triangle(cohorts, active, source) for source, cohorts in found])

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        return list(merged(partials, periods_of(asked)))

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        source, *rest = key
        cohort, active = period_number(asked, rest), active_pairs(bucket, asked)
        found = dict(self._by_source(bucket, asked)).get(source)
        if found is None:
            return np.array([], dtype=np.int64)
        return members_at(found, active, cohort, cohort_key(rest))
