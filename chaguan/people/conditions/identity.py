"""Condition: known at a channel."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Choices, Operand, condition
from chaguan.people.models import Identity


def _connectors(asking: Asking) -> Choices:
    """Hop through the index, one probe per channel; DISTINCT would read a million rows."""
    codes = Identity.objects.order_by("connector").values_list("connector", flat=True)
    found: list[tuple[str, str]] = []
    while code := codes.filter(connector__gt=found[-1][0] if found else "").first():
        found.append((code, code))
    return found


@condition("identity")
class KnownAt:
    label = _("Channel")
    sentence = _("has an account at {connector}")
    operands = (Operand("connector", "choice", _("Channel"), _connectors),)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Identity]:
        return Identity.objects.filter(connector=values["connector"])
