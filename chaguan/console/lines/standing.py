"""As of when a community is looked at: today, or the last day anybody spoke where that is long ago."""

from datetime import datetime, timedelta

from chaguan.communities.selectors.homes import last_talk_at
from chaguan.insights.selectors.health import Health, health_at
from chaguan.kernel.actor import Actor

LONG_AGO = timedelta(days=30)


def standing_of(actor: Actor, community_id: int, now: datetime) -> tuple[datetime, Health | None]:
    """The instant to look from, and how the community stood then when that is long ago.

    Imported history is old: "dead today" is true and says nothing about the community it was.
    """
    talked = last_talk_at(community_id)
    if talked is None or now - talked < LONG_AGO:
        return now, None
    return talked, health_at(actor, [community_id], talked).get(community_id)
