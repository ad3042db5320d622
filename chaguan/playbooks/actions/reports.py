"""The day's reports (汇报): drafted by the clock, handed in by people; exceptions until they are closed."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.selectors import communities_visible_to, has_right
from chaguan.communities.types import Phase, Right
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.playbooks.errors import AlreadyDecided
from chaguan.playbooks.events import DayReported, TroubleClosed, TroubleFiled
from chaguan.playbooks.models import Assignment, DayReport, RunRole, Trouble
from chaguan.playbooks.policies import may_report
from chaguan.playbooks.selectors.reports import daily_report
from chaguan.playbooks.selectors.reports_kept import as_told, own_day
from chaguan.playbooks.types import RunState

DAY_ENDS = time(21, 30)  # by the community's clocks


@transaction.atomic
def draft_reports(actor: Actor, *, now: datetime) -> int:
    """Draft the reports of every community whose day is over, and of everybody who works there.

    The day is over at DAY_ENDS; before that the day before counts, so that a worker that stood still at
    night catches up. Returns how many are new; the unique rows make it once. Statements: 5.
    """
    places = communities_visible_to(actor).exclude(phase=Phase.CLOSED).filter(created_at__lte=now)
    days = {}
    for pk, zone in places.values_list("pk", "timezone"):
        local = now.astimezone(ZoneInfo(zone))
        days[pk] = (local.date() - timedelta(days=local.time() < DAY_ENDS), zone)
    rows = [
        DayReport(community_id=pk, day=day, zone=zone, drafted_at=now)
        for pk, (day, zone) in days.items()
    ]
    rows += [
        DayReport(user_id=user, day=day, zone=zone, drafted_at=now)
        for (user, day), zone in _people(days).items()
    ]
    before = DayReport.objects.count()
    DayReport.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return DayReport.objects.count() - before


def _people(days: Mapping[int, tuple[date, str]]) -> dict[tuple[int, date], str]:
    """Who works in these communities, with the day that is over there: holders of roles in open runs and
    those who had a line that day. The zone is that of the first community."""
    holders = RunRole.objects.filter(
        user__isnull=False, run__community__in=days, run__state=RunState.RUNNING
    )
    found: dict[tuple[int, date], str] = {}
    pairs: Iterable[tuple[int | None, int]] = (
        holders.order_by("run__community").values_list("user_id", "run__community_id").distinct()
    )
    for user, place in [*pairs, *_with_lines(days)]:
        if user is not None:
            found.setdefault((user, days[place][0]), days[place][1])
    return found


def _with_lines(days: Mapping[int, tuple[date, str]]) -> list[tuple[int | None, int]]:
    if not days:
        return []
    first, last = min(day for day, _z in days.values()), max(day for day, _z in days.values())
    around = Assignment.objects.filter(
        user__isnull=False,
        community__in=days,
        due_at__date__gte=first - timedelta(days=1),
        due_at__date__lte=last + timedelta(days=1),
    )
    rows = around.order_by("community").values_list("user_id", "community_id", "due_at").distinct()
    return [
        (user, place)
        for user, place, due_at in rows
        if due_at.astimezone(ZoneInfo(days[place][1])).date() == days[place][0]
    ]


@transaction.atomic
def hand_in(
    actor: Actor,
    report_id: int,
    *,
    now: datetime,
    note: str = "",
    figures: Mapping[str, int] | None = None,
) -> DayReport:
    """Hand a drafted report in: what it says now is kept. `figures` are numbers of the day by name.

    Emits: DayReported. Raises: Missing, Refused, AlreadyDecided.
    """
    report = DayReport.objects.select_for_update(of=("self",)).filter(pk=report_id).first()
    if report is None:
        raise Missing
    _require_own(actor, report)
    if report.submitted_at is not None:
        raise AlreadyDecided(_("This report has been handed in."))
    if report.community_id is not None:
        told = daily_report(actor, report.community_id, report.day, now=now)
    else:
        told = own_day(actor, report.day, report.zone, now=now)
    report.told, report.note = as_told(told, figures or {}), note.strip()
    report.submitted_at, report.submitted_by = now, actor.reference
    report.save(update_fields=["told", "note", "submitted_at", "submitted_by"])
    fact = DayReported(report.pk, report.day.isoformat(), report.community_id)
    record(fact, actor=actor, at=now)
    return report


def _require_own(actor: Actor, report: DayReport) -> None:
    if report.community_id is None:
        if actor.user_id is None or actor.user_id != report.user_id:
            raise Missing
        return
    if not has_right(actor, Right.VIEW_REPORTS, report.community_id):
        raise Missing
    require(may_report(actor, report.community_id))


@transaction.atomic
def file_trouble(
    actor: Actor,
    community_id: int,
    *,
    now: datetime,
    day: date,
    what: str,
    proposal: str,
    run_id: int | None = None,
) -> Trouble:
    """File an exception. It stands on Today until it is closed.

    Emits: TroubleFiled. Raises: Missing, Refused; Invalid without what happened or what to do about it.
    """
    if not has_right(actor, Right.VIEW_COMMUNITY, community_id):
        raise Missing
    require(may_report(actor, community_id))
    if not what.strip():
        raise Invalid(_("Say what happened."), code="what_missing")
    if not proposal.strip():
        raise Invalid(
            _("Say what you propose to do about it; without that it cannot be handed in."),
            code="proposal_missing",
        )
    trouble = Trouble.objects.create(
        community_id=community_id,
        run_id=run_id,
        day=day,
        what=what.strip(),
        proposal=proposal.strip(),
        by=actor.reference,
        at=now,
    )
    record(TroubleFiled(community_id, trouble.pk), actor=actor, at=now)
    return trouble


@transaction.atomic
def close_trouble(actor: Actor, trouble_id: int, *, now: datetime, outcome: str) -> Trouble:
    """Close an exception with how it came out.

    Emits: TroubleClosed. Raises: Missing, Refused, AlreadyDecided, Invalid without an outcome.
    """
    trouble = Trouble.objects.select_for_update(of=("self",)).filter(pk=trouble_id).first()
    if trouble is None or not has_right(actor, Right.VIEW_COMMUNITY, trouble.community_id):
        raise Missing
    require(may_report(actor, trouble.community_id))
    if trouble.closed_at is not None:
        raise AlreadyDecided
    if not outcome.strip():
        raise Invalid(_("Say how it came out."), code="outcome_missing")
    trouble.outcome, trouble.closed_at, trouble.closed_by = outcome.strip(), now, actor.reference
    trouble.save(update_fields=["outcome", "closed_at", "closed_by"])
    record(TroubleClosed(trouble.community_id, trouble.pk), actor=actor, at=now)
    return trouble
