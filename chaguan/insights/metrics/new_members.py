"""How many members posted for the first time ever (首次发言)."""

import numpy as np
from django.utils.translation import gettext_lazy as _

from chaguan.insights.contract import MESSAGE, Bucket, metric
from chaguan.insights.kernels import Pairs, first_of
from chaguan.insights.periods import edges_of, period_numbers
from chaguan.insights.series import CountedMembers
from chaguan.insights.types import Asked


@metric("new_members")
class NewMembers(CountedMembers):
    label = _("New posters")
    definition = _(
        "The number of members whose first message ever in the community was posted in the period."
    )

    def pairs(self, bucket: Bucket, asked: Asked) -> Pairs:
        edges = edges_of(asked)
        members, at = first_of(bucket.facts(asked, MESSAGE, until_us=int(edges[-1])))
        numbers = period_numbers(at, edges)
        return members[numbers >= 0], np.asarray(numbers[numbers >= 0])
