"""How often somebody was removed (踢出)."""

from django.utils.translation import gettext_lazy as _

from chaguan.insights.contract import REMOVAL, metric
from chaguan.insights.series import CountedFacts


@metric("removals")
class Removals(CountedFacts):
    label = _("Removals")
    definition = _("The number of times somebody was removed by a decision during the period.")
    names = (REMOVAL,)
