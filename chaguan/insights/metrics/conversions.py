"""How many orders were confirmed (转化)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import ORDER, metric
from chaguan.insights.series import CountedFacts


@metric("conversions")
class Conversions(CountedFacts):
    label, unit = _("Conversions"), pgettext_lazy("unit", "orders")
    definition = _("The number of orders of members confirmed for this community in the period.")
    names = (ORDER,)
