"""How much there was to put in order."""

from datetime import datetime, timedelta

from chaguan.communities.events import AdRemoved
from chaguan.eventlog.selectors import facts_of_community


def ads_removed(community_id: int, now: datetime, days: int = 7) -> int:
    """Advertisements taken out in the last so many days. One statement."""
    facts = facts_of_community(community_id).filter(name=AdRemoved.name, at__lte=now)
    return facts.filter(at__gt=now - timedelta(days=days)).count()
