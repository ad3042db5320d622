"""Turning what a person asks for into a question that metrics understand, if they may ask it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chaguan.communities.selectors import has_right
from chaguan.communities.selectors.zones import zones_of
from chaguan.communities.types import Right
from chaguan.insights.errors import RangeBackwards, RangeTooLong, UnknownZone
from chaguan.insights.types import Asked, Every
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing

MOST_PERIODS = 4000
_DAYS = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 28}


@dataclass(frozen=True)
class Range:
    """Local dates, both inclusive, and the length of a period. An empty zone is the community's own."""

    since: date
    until: date
    every: Every = Every.DAY
    timezone: str = ""
    with_bots: bool = False


def question(actor: Actor, community_ids: Collection[int], asked: Range) -> Asked:
    """The question, when the actor may view the reports of each community; else Missing."""
    ids = tuple(sorted(set(community_ids)))
    zones = zones_of(ids)
    if not ids or set(ids) - set(zones) or not _may_see(actor, ids):
        raise Missing
    if asked.until < asked.since:
        raise RangeBackwards
    if (asked.until - asked.since).days // _DAYS[asked.every] > MOST_PERIODS:
        raise RangeTooLong
    timezone = checked_zone(asked.timezone) if asked.timezone else zones[ids[0]].key
    return Asked(ids, asked.since, asked.until, asked.every, timezone, asked.with_bots)


def checked_zone(timezone: str) -> str:
    """The name of an IANA zone that exists. Raises UnknownZone."""
    try:
        return ZoneInfo(timezone).key
    except (OSError, ValueError, KeyError):
        raise UnknownZone from None


def local_day(now: datetime, community_id: int) -> date:
    """The community's date at an instant. Raises Missing."""
    zones = zones_of([community_id])
    if community_id not in zones:
        raise Missing
    return now.astimezone(zones[community_id]).date()


def _may_see(actor: Actor, community_ids: Collection[int]) -> bool:
    return all(has_right(actor, Right.VIEW_REPORTS, pk) for pk in community_ids)
