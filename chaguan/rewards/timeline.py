"""Words for our facts on a member's timeline."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from chaguan.eventlog.contract import Logged
from chaguan.people.contract import wordings
from chaguan.rewards.events import EntryCorrected, PointsAwarded, PointsSpent
from chaguan.rewards.selectors.policy import title_of


@wordings.add(PointsAwarded.name)
def awarded(facts: Sequence[Logged]) -> dict[int, str]:
    """How many, by which rule, and the balance after it."""
    return {
        fact.id: _("%(points)d points: %(rule)s. Balance %(balance)d.")
        % {
            "points": fact.data["points"],
            "rule": title_of(fact.data["rule"]),
            "balance": fact.data["balance"],
        }
        for fact in facts
    }


@wordings.add(PointsSpent.name)
def spent(facts: Sequence[Logged]) -> dict[int, str]:
    """How many."""
    return {fact.id: _("%(points)d points") % {"points": fact.data["points"]} for fact in facts}


@wordings.add(EntryCorrected.name)
def corrected(facts: Sequence[Logged]) -> dict[int, str]:
    """How many, and why."""
    return {
        fact.id: _("%(points)d points: %(reason)s")
        % {"points": fact.data["points"], "reason": fact.data["reason"]}
        for fact in facts
    }
