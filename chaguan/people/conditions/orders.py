"""Condition: a number of confirmed orders, at least."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Operand, condition
from chaguan.people.models import Order


@condition("orders")
class OrderedAtLeast:
    label = _("Orders")
    sentence = _("ordered at least {times} times")
    operands = (Operand("times", "number", _("Times"), minimum=1, maximum=1000),)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Order]:
        if values["times"] == 1:
            return Order.objects.all()
        many = Order.objects.order_by().values("member_id").annotate(n=Count("pk"))
        enough = many.filter(n__gte=values["times"]).values("member_id")
        return Order.objects.filter(member_id__in=enough)
