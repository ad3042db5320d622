"""A community's working days and money (作息与预算): days off, worked weekends, the calendar, the budget."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.events import CommunityChanged
from chaguan.communities.models import Community
from chaguan.communities.policies import may
from chaguan.communities.types import Right
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require

CALENDARS = ("china", "weekdays")
MOST_DAYS = 400  # in one list
SPAN_DAYS = 62  # at once
BUDGET_CHARS = 400
LISTS = {"off": "days_off", "worked": "workdays"}

Settings = dict[str, Any]


def add_days(
    actor: Actor, community_id: int, kind: str, first: date, last: date | None, *, now: datetime
) -> None:
    """Add the days from `first` to `last` to the days off (`off`) or to the days `worked` all the same.

    A day is in one of the two lists. Emits: CommunityChanged. Raises: Refused, Missing, Invalid.
    """
    days = _span(kind, first, last)

    def change(kept: Settings) -> None:
        for name, key in LISTS.items():
            known = set(_listed(kept, key))
            kept[key] = sorted(known | days if name == kind else known - days)
        if len(kept[LISTS[kind]]) > MOST_DAYS:
            raise Invalid(_("At most %(most)d days stand on one list.") % {"most": MOST_DAYS})

    _change(actor, community_id, change, now=now)


def drop_days(
    actor: Actor, community_id: int, kind: str, first: date, last: date | None, *, now: datetime
) -> None:
    """Take the days from `first` to `last` out of a list. Emits: CommunityChanged, when one was there.

    Raises: Refused, Missing, Invalid.
    """
    days = _span(kind, first, last)

    def change(kept: Settings) -> None:
        kept[LISTS[kind]] = sorted(set(_listed(kept, LISTS[kind])) - days)

    _change(actor, community_id, change, now=now)


def set_calendar_and_budget(
    actor: Actor, community_id: int, calendar: str, budget: str, *, now: datetime
) -> None:
    """Say whose holidays hold here, and what money and means there are, in the community's own words.

    Emits: CommunityChanged, when something changed. Raises: Refused, Missing, Invalid.
    """
    if calendar not in CALENDARS:
        raise Invalid(_("Choose a calendar from the list."))
    budget = budget.replace("\x00", "").strip()
    if len(budget) > BUDGET_CHARS:
        raise Invalid(_("A budget has at most %(most)d characters.") % {"most": BUDGET_CHARS})

    def change(kept: Settings) -> None:
        kept.update(calendar=calendar, budget=budget)

    _change(actor, community_id, change, now=now)


@transaction.atomic
def _change(
    actor: Actor, community_id: int, change: Callable[[Settings], None], *, now: datetime
) -> None:
    """Change some settings of the locked row, so that nobody's other settings are written over."""
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    community = Community.objects.select_for_update().filter(pk=community_id).first()
    if community is None:
        raise Missing
    before = dict(community.settings)
    change(community.settings)
    if community.settings != before:
        community.save(update_fields=["settings"])
        record(CommunityChanged(community_id, "settings"), actor=actor, at=now)


def _span(kind: str, first: date, last: date | None) -> set[str]:
    if kind not in LISTS:
        raise Invalid(_("Choose whether these days are off or worked."))
    last = last or first
    if last < first:
        raise Invalid(_("The last day comes before the first."))
    if (last - first).days >= SPAN_DAYS:
        raise Invalid(_("At most %(most)d days at once.") % {"most": SPAN_DAYS})
    return {(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)}


def _listed(kept: Settings, key: str) -> list[str]:
    written = kept.get(key)
    return [str(day) for day in written] if isinstance(written, list | tuple) else []
