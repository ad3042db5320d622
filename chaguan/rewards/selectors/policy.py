"""The points rules as people see them, with how much of each cap is used."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils.functional import Promise

from chaguan.rewards.contract import RewardRule, rules
from chaguan.rewards.models import Entry
from chaguan.rewards.types import Per


@dataclass(frozen=True)
class RuleLine:
    """One rule for one member: what it gives, its cap, and how often it paid in the cap's period."""

    code: str
    title: str | Promise
    points: int
    times: int
    per: Per
    used: int

    @property
    def is_used_up(self) -> bool:
        return self.used >= self.times


def rules_for(community_id: int, member_id: int, today: date) -> list[RuleLine]:
    """All rules with the member's use of their caps today. One statement."""
    listed = [rule for _code, rule in rules]
    counts = {rule.code: Count("pk", filter=_in_period(rule, today)) for rule in listed}
    rows = Entry.objects.filter(target__community_id=community_id, target__member_id=member_id)
    used = rows.aggregate(**{f"used_{code}": count for code, count in counts.items()})
    return [
        RuleLine(
            rule.code,
            rule.title,
            rule.points,
            rule.cap.times,
            rule.cap.per,
            used[f"used_{rule.code}"],
        )
        for rule in listed
    ]


def title_of(rule: str) -> str | Promise:
    """The title of a rule's code; the code itself when the rule is gone."""
    return rules.get(rule).title if rule in rules else rule


def _in_period(rule: RewardRule, today: date) -> Q:
    since, until = rule.cap.period(today)
    return Q(rule=rule.code, day__range=(since, until))
