"""How many messages were posted (消息数)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import MESSAGE, metric
from chaguan.insights.series import CountedFacts


@metric("messages")
class Messages(CountedFacts):
    label, unit = _("Messages"), pgettext_lazy("unit", "messages")
    definition = _("The number of messages posted in the rooms of the community in the period.")
    names = (MESSAGE,)
