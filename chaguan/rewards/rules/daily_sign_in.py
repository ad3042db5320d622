"""Points for the daily sign-in (签到积分). Source: library.md L17."""

from django.utils.translation import gettext_lazy as _

from chaguan.engagement.events import SignedIn
from chaguan.eventlog.contract import Logged
from chaguan.rewards.contract import reward_rule
from chaguan.rewards.types import Cap, Per


@reward_rule("daily_sign_in", title=_("Daily sign-in"), on=SignedIn, points=2, cap=Cap(1, Per.DAY))
def daily_sign_in(fact: Logged) -> int:
    """Two points a day, whatever the streak."""
    return 2
