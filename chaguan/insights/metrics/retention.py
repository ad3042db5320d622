"""Who comes back in the following period (周留存)."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import MESSAGE, Bucket, MemberIds, Metric, Row, metric
from chaguan.insights.kernels import (
    Pairs,
    added,
    counted,
    first_of,
    joined,
    pairs_in,
    rounded_share,
)
from chaguan.insights.periods import (
    Ints,
    edges_of,
    midnight_us,
    next_first_day,
    period_numbers,
    periods_of,
)
from chaguan.insights.series import period_number
from chaguan.insights.types import Asked


def edges_and_one_more(asked: Asked) -> Ints:
    """The periods with the last one whole, and the whole period after it."""
    after = next_first_day(periods_of(asked)[-1], asked.every)
    ends = [after, next_first_day(after, asked.every)]
    return np.array(
        [*edges_of(asked)[:-1], *(midnight_us(day, asked.timezone) for day in ends)], dtype=np.int64
    )


@metric("retention")
class Retention(Metric):
    label, unit = _("Retention"), pgettext_lazy("unit", "members")
    definition = _(
        "For each period: members who posted (active), those of them whose first message ever is in it"
        " (new), and how many of the active posted again in the following period (retained_next)."
    )
    denominator = _("The active members of the period; rate = retained_next / active, to 4 digits.")
    columns = ("period", "active", "new", "retained_next", "rate")

    def _pairs(self, bucket: Bucket, asked: Asked) -> tuple[Pairs, Ints, Pairs]:
        """Active pairs of the range, whether each is retained, and the pairs of first messages."""
        edges, longer = edges_of(asked), edges_and_one_more(asked)
        posts = bucket.facts(asked, MESSAGE, until_us=int(longer[-1]))
        members, numbers = pairs_in(posts, edges)
        following = pairs_in(posts, longer)
        retained = joined((members, numbers + 1), following)
        firsts, at = first_of(posts)
        new = period_numbers(at, edges)
        inside = (new >= 0) & (new < len(edges) - 1)
        return (members, numbers), np.asarray(retained), (firsts[inside], new[inside])

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        periods = len(edges_of(asked)) - 1
        (_members, numbers), retained, (_firsts, new) = self._pairs(bucket, asked)
        return pa.table(
            {
                "active": counted(numbers, periods),
                "new": counted(new, periods),
                "retained": counted(numbers[retained], periods),
            }
        )

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        parts = tuple(partials)
        active, new, kept = (added(parts, name).tolist() for name in ("active", "new", "retained"))
        return [
            (first, a, n, k, rounded_share(k, a))
            for first, a, n, k in zip(periods_of(asked), active, new, kept, strict=True)
        ]

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        """Those retained; `key` may name another column after the period: active or new."""
        number = period_number(asked, key)
        (members, numbers), retained, (firsts, new) = self._pairs(bucket, asked)
        which = key[1] if len(key) > 1 else "retained_next"
        if which == "new":
            return np.asarray(firsts[new == number])
        wanted = retained if which == "retained_next" else np.ones(len(members), dtype=bool)
        return np.asarray(members[(numbers == number) & wanted])
