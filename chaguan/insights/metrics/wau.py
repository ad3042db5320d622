"""Rolling weekly active members (周活)."""

from django.utils.translation import gettext_lazy as _

from chaguan.insights.contract import metric
from chaguan.insights.rolling import RollingMembers


@metric("wau")
class Wau(RollingMembers):
    label = _("WAU, weekly active members")
    definition = _(
        "The number of different members who posted in the %(days)s days that end with the last day of"
        " the period."
    )
    windows = {"days": 7}
