"""Condition: asked not to get private messages."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Operand, condition


@condition("opted_out")
class OptedOut:
    label = _("Private messages")
    sentence = _("asked not to get private messages")
    operands: tuple[Operand, ...] = ()

    is_indexed = False

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        return Q(touch_opt_out_at__isnull=False)
