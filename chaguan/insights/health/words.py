"""Health in words: labels, reasons as sentences with numbers and units, and what could be done."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.insights.types import HealthState

LABELS: Mapping[str, Promise] = {
    HealthState.LIVELY: _("Lively"),
    HealthState.COOLING: _("Cooling"),
    HealthState.COLD: _("Cold"),
    HealthState.NOISY: _("Noisy"),
    HealthState.AD_RIDDEN: _("Full of ads"),
    HealthState.DEAD: _("Dead"),
}
REASONS: Mapping[str, Promise] = {
    "volume": _("Messages in %(days)s days: %(messages)s, by %(speakers)s members."),
    "messages_compared": _("Messages a week: %(before)s on average before, %(now)s now."),
    "never_spoken": _("Nobody has written anything yet."),
    "silent_for": _("Nobody has written for %(days)s days."),
    "few_messages": _("Messages in %(days)s days: only %(messages)s."),
    "few_speakers": _("Members who spoke in %(days)s days: only %(speakers)s."),
    "messages_fell": _("Messages a week fell from %(before)s to %(now)s."),
    "speakers_fell": _("Members who speak in a week fell from %(before)s to %(now)s."),
    "core_absent": _("Of %(core)s core members, %(absent)s have not spoken for %(days)s days."),
    "unanswered": _("Remarks that nobody answered within %(minutes)s minutes: %(percent)s%%."),
    "links_only": _(
        "%(percent)s%% of the messages (%(messages)s) come from members who post little but links."
    ),
    "short": _("%(percent)s%% of the messages have %(chars)s characters or fewer."),
}


@dataclass(frozen=True)
class Proposal:
    """What an operator could do now. `playbook` is a key of the library, empty where none fits."""

    sentence: str | Promise
    playbook: str = ""


PROPOSALS: Mapping[str, Proposal] = {
    HealthState.LIVELY: Proposal(
        _("Keep the daily rhythm and thank those who carry the talk."), "daily_routine"
    ),
    HealthState.COOLING: Proposal(
        _("Ask the core members what they miss, and bring back a daily topic."), "daily_routine"
    ),
    HealthState.COLD: Proposal(
        _("Talk to members one by one over seven days before you write to all."), "touch_plan_7d"
    ),
    HealthState.NOISY: Proposal(
        _("Agree on hours for small talk, and give the day one topic that matters."),
        "daily_routine",
    ),
    HealthState.AD_RIDDEN: Proposal(
        _("Remove the advertisements, warn their senders, and look again at who gets in.")
    ),
    HealthState.DEAD: Proposal(
        _("Decide: start again with newcomers and a plan of ten days, or close it with thanks."),
        "newcomer_10d",
    ),
}


def reason_sentence(code: str, numbers: Mapping[str, int]) -> str:
    """A reason as a person reads it."""
    return str(REASONS[code]) % dict(numbers)
