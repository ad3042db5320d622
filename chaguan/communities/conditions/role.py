"""Condition: holds an in-group role now."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.models import Membership
from chaguan.communities.roles import IN_ROOM_ROLES
from chaguan.communities.stays import ANY_COMMUNITY, stays
from chaguan.people.contract.conditions import Asking, Choices, Operand, condition


def _roles(asking: Asking) -> Choices:
    return [(role.value, shown.badge) for role, shown in IN_ROOM_ROLES.items()]


@condition("role")
class HoldsRole:
    label = _("Role")
    sentence = _("is {role} in {community}")
    operands = (Operand("role", "choice", _("Role"), _roles), ANY_COMMUNITY)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Membership]:
        here = stays(asking, values["community"])
        return here.filter(roles__role=values["role"], roles__until__isnull=True)
