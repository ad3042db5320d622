"""Condition: holds at least so many points in a community."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract import Asking, Operand, condition
from chaguan.rewards.models import Account


@condition("points_at_least")
class PointsAtLeast:
    label = _("Points")
    sentence = _("holds at least {points} points in {community}")
    operands = (
        Operand("points", "number", _("Points"), minimum=1, maximum=100_000_000),
        Operand("community", "community", _("Community"), is_required=False),
    )

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Account]:
        rows = Account.objects.filter(member__isnull=False, balance__gte=values["points"])
        if values["community"] is not None:
            return rows.filter(community_id=values["community"])
        if asking.community_ids is not None:
            return rows.filter(community_id__in=asking.community_ids)
        return rows
