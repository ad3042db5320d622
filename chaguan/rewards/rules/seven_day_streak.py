"""Points for a week of sign-ins without a gap (连续签到). Source: library.md L17."""

from django.utils.translation import gettext_lazy as _

from chaguan.engagement.events import SignedIn
from chaguan.eventlog.contract import Logged
from chaguan.rewards.contract import reward_rule
from chaguan.rewards.types import Cap, Per


@reward_rule(
    "seven_day_streak",
    title=_("Seven days in a row"),
    on=SignedIn,
    points=10,
    cap=Cap(1, Per.DAY),
)
def seven_day_streak(fact: Logged) -> int:
    """Ten points on the seventh day, once per unbroken run."""
    return 10 if fact.data["streak_days"] == 7 else 0
