"""How often somebody came in (入群)."""

from django.utils.translation import gettext_lazy as _

from chaguan.insights.contract import JOIN, metric
from chaguan.insights.series import CountedFacts


@metric("joins")
class Joins(CountedFacts):
    label = _("Joins")
    definition = _(
        "The number of times somebody came in during the period. A member who comes back counts again."
    )
    names = (JOIN,)
