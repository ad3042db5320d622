"""Condition: is in a community."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.models import Membership
from chaguan.communities.stays import COMMUNITY, stays
from chaguan.people.contract.conditions import Asking, condition


@condition("in_community")
class InCommunity:
    label = _("Community")
    sentence = _("is in {community}")
    operands = (COMMUNITY,)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Membership]:
        return stays(asking, values["community"])
