"""Condition: the traffic tier (流量层级) is one of these, by the stages this house counts to it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Choices, Operand, condition
from chaguan.people.selectors.tiers import tier_names, tier_of_stages


def _tiers(asking: Asking) -> Choices:
    return [(tier.value, name) for tier, name in tier_names().items()]


@condition("tier")
class TierIs:
    label = _("Traffic tier")
    sentence = _("tier is {tiers}")
    operands = (Operand("tiers", "choices", _("Tiers"), _tiers),)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        wanted = set(values["tiers"])
        return Q(stage__in=[s.value for s, tier in tier_of_stages().items() if tier in wanted])
