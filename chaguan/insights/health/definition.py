"""What makes a community lively, cooling, cold, noisy, ad-ridden or dead: the numbers that decide.

They are windows of the definition "health": changing one makes a new edition, like for any metric.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from chaguan.insights.editions import Edition, editions_of, in_force
from chaguan.insights.types import HealthState

CODE = "health"
VERSION = 1
THRESHOLDS: Mapping[str, int] = MappingProxyType(
    {
        "recent_days": 7,  # the window that is judged
        "base_weeks": 8,  # weeks of that length before it, to compare with; 62 at most
        "long_days": 28,
        "dead_below_messages": 4,  # in long_days
        "cold_below_messages": 10,  # in recent_days
        "cold_below_messages_long": 40,  # and in long_days
        "cold_below_speakers": 3,
        "cold_below_speakers_long": 6,
        "cooling_percent": 50,  # of the mean week before, or less
        "core_weeks": 6,  # of the base weeks in which a core member spoke, or more
        "answer_minutes": 60,
        "noisy_from_messages": 140,
        "noisy_percent": 70,  # of messages that are short
        "short_chars": 5,
        "ad_from_messages": 10,
        "ad_percent": 50,  # of messages by members who post links only
        "link_percent": 80,  # of a member's messages that carry a link: posts links only
    }
)
DEFINITIONS = {
    HealthState.DEAD: _(
        "Fewer than %(dead_below_messages)s messages by people in %(long_days)s days."
    ),
    HealthState.AD_RIDDEN: _(
        "At least %(ad_from_messages)s messages in %(recent_days)s days, and %(ad_percent)s%% of them or"
        " more come from members of whose messages %(link_percent)s%% or more carry a link."
    ),
    HealthState.NOISY: _(
        "At least %(noisy_from_messages)s messages in %(recent_days)s days, and %(noisy_percent)s%% of"
        " them or more have at most %(short_chars)s characters."
    ),
    HealthState.COLD: _(
        "Fewer than %(cold_below_messages)s messages in %(recent_days)s days and"
        " %(cold_below_messages_long)s in %(long_days)s days; or fewer than %(cold_below_speakers)s"
        " speakers in %(recent_days)s days and %(cold_below_speakers_long)s in %(long_days)s days."
    ),
    HealthState.COOLING: _(
        "Messages or speakers of the last %(recent_days)s days are at most %(cooling_percent)s%% of the"
        " mean of the %(base_weeks)s equal spans before."
    ),
    HealthState.LIVELY: _("None of the other conditions holds."),
}
RULE = _("The conditions are tried in this order; the first that holds gives the state.")


def definition_sentences(edition: Edition) -> list[tuple[HealthState, str]]:
    """Each state with its condition in words, in the order in which they are tried."""
    return [(state, str(text) % dict(edition.windows)) for state, text in DEFINITIONS.items()]


def health_editions() -> list[Edition]:
    """All editions of the definition, the shipped one first."""
    return editions_of(CODE, VERSION, THRESHOLDS)


__all__ = [
    "CODE",
    "DEFINITIONS",
    "RULE",
    "THRESHOLDS",
    "VERSION",
    "definition_sentences",
    "health_editions",
    "in_force",
]
