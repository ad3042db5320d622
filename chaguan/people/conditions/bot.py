"""Condition: is a known bot. Most segments say {"not": {"condition": "bot"}}."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Operand, condition


@condition("bot")
class IsBot:
    label = _("Bot")
    sentence = _("is a bot")
    operands: tuple[Operand, ...] = ()

    is_indexed = False

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        return Q(is_bot=True)
