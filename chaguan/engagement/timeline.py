"""Words for our facts on a member's timeline."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chaguan.engagement.events import CheckedIn, DayMadeUp, SignedIn
from chaguan.eventlog.contract import Logged
from chaguan.people.contract import wordings


@wordings.add(SignedIn.name)
@wordings.add(DayMadeUp.name)
def streaks(facts: Sequence[Logged]) -> dict[int, str]:
    """How many days in a row it made."""
    return {
        fact.id: ngettext("%(days)d day in a row", "%(days)d days in a row", days) % {"days": days}
        for fact in facts
        for days in [int(fact.data["streak_days"])]
    }


@wordings.add(CheckedIn.name)
def check_ins(facts: Sequence[Logged]) -> dict[int, str]:
    """On which local day."""
    return {fact.id: _("on %(day)s") % {"day": fact.data["day"]} for fact in facts}
