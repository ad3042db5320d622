"""How many members posted in this period and in the one before (留存成员)."""

from datetime import date

import numpy as np
from django.utils.translation import gettext_lazy as _

from chaguan.insights.contract import MESSAGE, Bucket, metric
from chaguan.insights.kernels import Pairs, joined, pairs_in
from chaguan.insights.periods import Ints, edges_of, midnight_us, periods_of, previous_first_day
from chaguan.insights.series import CountedMembers
from chaguan.insights.types import Asked


def whole_edges(asked: Asked) -> Ints:
    """Edges of whole periods, from the period before the first one up to the range's end."""
    first = periods_of(asked)[0]
    before: list[date] = [previous_first_day(first, asked.every), first]
    starts = [midnight_us(day, asked.timezone) for day in before]
    return np.array([*starts, *edges_of(asked)[1:]], dtype=np.int64)


@metric("retained_members")
class RetainedMembers(CountedMembers):
    label = _("Retained members")
    definition = _(
        "The number of different members who posted in the period and also in the whole period just"
        " before it."
    )

    def pairs(self, bucket: Bucket, asked: Asked) -> Pairs:
        edges, whole = edges_of(asked), whole_edges(asked)
        posts = bucket.facts(asked, MESSAGE, since_us=int(whole[0]), until_us=int(whole[-1]))
        members, numbers = pairs_in(posts, edges)
        before = pairs_in(posts, whole)  # number 0 is the period before the range's first
        was_there = joined((members, numbers), before)
        return members[was_there], numbers[was_there]
