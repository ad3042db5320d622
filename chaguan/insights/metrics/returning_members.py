"""How many members posted who had posted before (回访成员)."""

from django.utils.translation import gettext_lazy as _

from chaguan.insights.contract import MESSAGE, Bucket, metric
from chaguan.insights.kernels import Pairs, first_of, joined, pairs_in
from chaguan.insights.periods import edges_of, period_numbers
from chaguan.insights.series import CountedMembers
from chaguan.insights.types import Asked


@metric("returning_members")
class ReturningMembers(CountedMembers):
    label = _("Returning members")
    definition = _(
        "The number of different members who posted in the period and whose first message ever in the"
        " community is older than the period: active members less new posters."
    )

    def pairs(self, bucket: Bucket, asked: Asked) -> Pairs:
        edges = edges_of(asked)
        posts = bucket.facts(asked, MESSAGE, until_us=int(edges[-1]))
        members, numbers = pairs_in(posts, edges)
        firsts, at = first_of(posts)
        is_first = joined((members, numbers), (firsts, period_numbers(at, edges)))
        return members[~is_first], numbers[~is_first]
