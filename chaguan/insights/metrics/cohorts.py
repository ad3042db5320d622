"""Retention by the month, week or day of the first message (留存分组)."""

from collections.abc import Sequence

import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.cohorts import active_pairs, begun, cohort_key, members_at, merged, triangle
from chaguan.insights.contract import MESSAGE, Bucket, MemberIds, Metric, Row, metric
from chaguan.insights.kernels import Pairs, first_of
from chaguan.insights.periods import edges_of, periods_of
from chaguan.insights.series import period_number
from chaguan.insights.types import Asked


@metric("cohorts")
class Cohorts(Metric):
    label, unit = _("Cohorts by first message"), pgettext_lazy("unit", "members")
    definition = _(
        "A cohort is everybody whose first message ever in the community falls in one period (size)."
        " Its row number k tells how many of them posted in the k-th period after it (active). Periods"
        " in which none of them posted have no row."
    )
    denominator = _("The size of the cohort.")
    columns = ("cohort", "period_no", "active", "size")

    def _cohorts(self, bucket: Bucket, asked: Asked) -> Pairs:
        edges = edges_of(asked)
        return begun(*first_of(bucket.facts(asked, MESSAGE, until_us=int(edges[-1]))), edges)

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        return triangle(self._cohorts(bucket, asked), active_pairs(bucket, asked))

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        return [row[1:] for row in merged(partials, periods_of(asked))]

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        cohort = period_number(asked, key)
        cohorts, active = self._cohorts(bucket, asked), active_pairs(bucket, asked)
        return members_at(cohorts, active, cohort, cohort_key(key))
