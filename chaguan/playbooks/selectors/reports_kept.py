"""Reports that were drafted, one's own day over all communities, and exceptions that are open."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from chaguan.communities.selectors import community_ids_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.playbooks.models import Assignment, DayReport, Trouble
from chaguan.playbooks.schedule import local_instant
from chaguan.playbooks.selectors.reports import DailyReport, ReportLine, by_step, told_day


def drafts_visible_to(actor: Actor) -> QuerySet[DayReport]:
    """Kept reports: one's own, and those of communities whose reports the actor may view."""
    rows = DayReport.objects.select_related("community", "user").order_by("-day", "pk")
    ids = community_ids_with(actor, Right.VIEW_REPORTS)
    of_places = Q(community__isnull=False) if ids is None else Q(community__in=ids)
    return rows.filter(of_places | Q(user_id=actor.user_id or 0))


def troubles_visible_to(actor: Actor) -> QuerySet[Trouble]:
    """Exceptions of the communities whose reports the actor may view, the open ones first."""
    rows = Trouble.objects.select_related("community", "run").order_by("closed_at", "at", "pk")
    ids = community_ids_with(actor, Right.VIEW_REPORTS)
    return rows if ids is None else rows.filter(community_id__in=ids)


def open_troubles(actor: Actor) -> QuerySet[Trouble]:
    """What is not closed, the oldest first."""
    return troubles_visible_to(actor).filter(closed_at__isnull=True).order_by("at", "pk")


def own_day(actor: Actor, day: date, zone: str, *, now: datetime) -> DailyReport:
    """What one login did, left out and did not do on a local day, over all communities. Queries: 2.

    Raises: Missing for who has no login.
    """
    if actor.user_id is None:
        raise Missing
    place = ZoneInfo(zone)
    begin = local_instant(day, time(), place)
    end = local_instant(day + timedelta(days=1), time(), place)
    mine = Q(user_id=actor.user_id) | Q(done_by=actor.reference)
    rows = Assignment.objects.filter(
        mine, Q(due_at__gte=begin, due_at__lt=end) | Q(done_at__gte=begin, done_at__lt=end)
    )
    rows = rows.select_related("run__edition__playbook", "about").order_by("due_at", "id")
    older = Assignment.objects.filter(
        Q(done_at__isnull=True) | Q(done_at__gte=end), user_id=actor.user_id, due_at__lt=begin
    )
    return told_day(list(rows), day=day, zone=zone, now=now, older=older.count())


def as_told(report: DailyReport, figures: Mapping[str, int]) -> dict[str, Any]:
    """A report as plain values: what it said when it was handed in, one line for what is alike."""
    zone = ZoneInfo(report.zone)

    def lines(given: Sequence[ReportLine]) -> list[list[str | int]]:
        return [
            [clock_of(one), one.step.title, one.who, names(alike), one.note, len(alike)]
            for alike in by_step(given, same_words=True)
            for one in alike[:1]
        ]

    def clock_of(one: ReportLine) -> str:
        return f"{one.at.astimezone(zone):%H:%M}"

    def names(alike: Sequence[ReportLine]) -> str:
        return "、".join(one.about for one in alike if one.about)

    return {
        "done": lines(report.done),
        "left_out": lines(report.left_out),
        "unfinished": lines(report.unfinished),
        "older": report.older,
        "minutes": report.minutes,
        "messages": {state: report.amount(state) for state in ("sent", "failed", "unknown")},
        "figures": dict(figures),
    }
