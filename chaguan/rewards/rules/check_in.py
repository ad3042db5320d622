"""Points for a check-in that was asked for (打卡积分). Source: library.md L17."""

from django.utils.translation import gettext_lazy as _

from chaguan.engagement.events import CheckedIn
from chaguan.eventlog.contract import Logged
from chaguan.rewards.contract import reward_rule
from chaguan.rewards.types import Cap, Per


@reward_rule("check_in", title=_("Check-in"), on=CheckedIn, points=3, cap=Cap(1, Per.DAY))
def check_in(fact: Logged) -> int:
    """Three points for the first check-in of a day."""
    return 3
