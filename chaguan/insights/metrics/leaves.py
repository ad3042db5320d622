"""How often somebody left by themselves (退群)."""

from django.utils.translation import gettext_lazy as _

from chaguan.insights.contract import LEAVE, metric
from chaguan.insights.series import CountedFacts


@metric("leaves")
class Leaves(CountedFacts):
    label = _("Leaves")
    definition = _(
        "The number of times somebody left by themselves during the period. Removals are not in it."
    )
    names = (LEAVE,)
