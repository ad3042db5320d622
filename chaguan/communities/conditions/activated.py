"""Condition: has experienced the product (激活), by the acts that the community counts."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.models import Activation
from chaguan.communities.stays import COMMUNITY
from chaguan.people.contract.conditions import Asking, condition


@condition("activated")
class HasExperienced:
    label = _("Has experienced the product")
    sentence = _("has experienced the product in {community}")
    operands = (COMMUNITY,)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Activation]:
        return Activation.objects.filter(community_id=values["community"])
