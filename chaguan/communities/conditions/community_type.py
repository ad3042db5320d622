"""Condition: is in a community of a type."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.models import Community, Membership
from chaguan.communities.stays import stays
from chaguan.communities.words import TYPE_LABELS
from chaguan.people.contract.conditions import Asking, Choices, Operand, condition


def _types(asking: Asking) -> Choices:
    return [(kind.value, label) for kind, label in TYPE_LABELS.items()]


@condition("community_type")
class InCommunityOfType:
    label = _("Type of community")
    sentence = _("is in a community of type {type}")
    operands = (Operand("type", "choice", _("Type"), _types),)

    is_indexed = False

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Membership]:
        of_type = Community.objects.filter(type=values["type"]).values_list("pk", flat=True)
        # The sum keeps the database from trying each of many communities: a member is in few.
        theirs = stays(asking, None).annotate(place=F("community_id") + 0)
        return theirs.filter(place__in=list(of_type))
