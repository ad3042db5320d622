"""Condition: the name contains some text."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Operand, condition


@condition("name_contains")
class NameContains:
    label = _("Name")
    sentence = _("name contains {text}")
    operands = (Operand("text", "text", _("Text")),)

    is_indexed = False

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        text = str(values["text"])
        if (
            text.upper() == text.lower()
        ):  # Chinese has no cases, and without them it is half the work
            return Q(name__contains=text)
        return Q(name__icontains=text)
