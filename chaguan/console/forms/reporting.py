"""What a reader of reports chose: which community, which span, which view."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.homes import last_talk_at
from chaguan.insights.selectors.questions import Range, local_day
from chaguan.insights.types import Every

SPANS = {"30": _("30 days"), "90": _("90 days"), "365": _("A year"), "own": _("Own dates")}
EVERY = {Every.DAY: _("by day"), Every.WEEK: _("by week"), Every.MONTH: _("by month")}
VIEWS = {
    "activity": _("Talk"),
    "people": _("Coming and going"),
    "retention": _("Staying"),
    "weight": _("Who carries it"),
}


@dataclass(frozen=True)
class Reading:
    """The choice, checked. `asked` is ready for the selectors."""

    community_id: int
    view: str
    span: str
    asked: Range

    def query(self, **changes: str) -> str:
        """The query string of this choice with changes."""
        values = {
            "community": str(self.community_id),
            "view": self.view,
            "span": self.span,
            "every": self.asked.every.value,
        }
        if self.span == "own":
            values |= {"since": str(self.asked.since), "until": str(self.asked.until)}
        return urlencode(values | changes)


def reading_from(query: QueryDict, community_id: int, now: datetime) -> Reading:
    """Read the query string; what makes no sense becomes the usual choice.

    A span ends today, or on the last day anybody spoke where that is long ago: imported history is old.
    """
    talked = last_talk_at(community_id)
    today = local_day(now, community_id)
    if talked is not None and now - talked > timedelta(days=30):
        today = local_day(talked, community_id)
    span = query.get("span", "90")
    span = span if span in SPANS else "90"
    until = today
    since = today - timedelta(days=(int(span) if span != "own" else 90) - 1)
    if span == "own":
        since, until = _day(query.get("since"), since), _day(query.get("until"), until)
        since, until = min(since, until), max(since, until)
    every = _every(query.get("every"), (until - since).days)
    view = query.get("view", "activity")
    return Reading(
        community_id, view if view in VIEWS else "activity", span, Range(since, until, every)
    )


def _day(text: Any, usual: date) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return usual


def _every(text: str | None, days: int) -> Every:
    """The chosen period, or one that gives a readable number of points."""
    if text in {every.value for every in Every}:
        return Every(text)
    return Every.DAY if days < 100 else Every.WEEK
