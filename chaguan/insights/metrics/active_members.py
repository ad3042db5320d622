"""How many different members posted (活跃成员)."""

from django.utils.translation import gettext_lazy as _

from chaguan.insights.contract import MESSAGE, Bucket, metric
from chaguan.insights.kernels import Pairs, pairs_in
from chaguan.insights.periods import edges_of
from chaguan.insights.series import CountedMembers
from chaguan.insights.types import Asked


@metric("active_members")
class ActiveMembers(CountedMembers):
    label = _("Active members")
    definition = _("The number of different members who posted at least one message in the period.")

    def pairs(self, bucket: Bucket, asked: Asked) -> Pairs:
        edges = edges_of(asked)
        posts = bucket.facts(asked, MESSAGE, since_us=int(edges[0]), until_us=int(edges[-1]))
        return pairs_in(posts, edges)
