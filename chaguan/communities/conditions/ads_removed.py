"""Condition on the community itself: so many advertisements were removed lately."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.order import ads_removed
from chaguan.communities.stays import COMMUNITY
from chaguan.people.contract.conditions import Asking, Operand, condition


@condition("ads_removed_at_least")
class AdsRemoved:
    label = _("Advertisements removed")
    sentence = _(
        "{times} or more advertisements were removed in {community} in the last {days} days"
    )
    operands = (
        COMMUNITY,
        Operand("times", "number", _("How many"), minimum=1, maximum=1000),
        Operand("days", "number", _("Days"), minimum=1, maximum=365),
    )

    is_indexed = False

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        community_id = values["community"]
        mine = asking.community_ids is None or community_id in asking.community_ids
        found = ads_removed(community_id, asking.now, values["days"]) if mine else 0
        return Q(pk__gt=0) if found >= values["times"] else Q(pk__lt=0)  # everybody, or nobody
