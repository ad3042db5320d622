"""What a reward rule is, and the registry of them: one file each in `rewards/rules/`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from chaguan.eventlog.contract import Event, Logged
from chaguan.kernel.registry import Registry
from chaguan.rewards.types import Cap

Amount = Callable[[Logged], int]


@dataclass(frozen=True)
class RewardRule:
    """Points for a fact (积分政策). `amount` is pure: the same fact gives the same points; 0 gives none.

    `points` is what people are told; `cap` holds per member and community and is checked in the
    statement that pays.
    """

    code: str
    title: str | Promise
    on: type[Event]
    points: int
    cap: Cap
    amount: Amount


rules: Registry[RewardRule] = Registry("reward rule", "chaguan.rewards.rules")


def reward_rule(
    code: str, *, title: str | Promise, on: type[Event], points: int, cap: Cap
) -> Callable[[Amount], RewardRule]:
    """Register the decorated function as a rule. `code` is permanent: entries carry it."""

    def keep(amount: Amount) -> RewardRule:
        return rules.add(code)(RewardRule(code, title, on, points, cap, amount))

    return keep
