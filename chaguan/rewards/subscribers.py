"""What this app does when something happens elsewhere."""

from collections.abc import Sequence

from chaguan.eventlog.contract import Logged, subscribe
from chaguan.kernel.actor import Actor
from chaguan.rewards.actions.by_rule import pay_by_rules
from chaguan.rewards.contract import rules


@subscribe("rewards.points", *{rule.on for _code, rule in rules})
def on_rewarded_fact(batch: Sequence[Logged]) -> None:
    """Pay what the rules give."""
    pay_by_rules(Actor.system("rewards"), batch)
