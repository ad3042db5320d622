"""The operation plan (运营规划) of a community: its runs' dates, the division of work, the risks."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chaguan.kernel.actor import Actor
from chaguan.playbooks.engine.catalogue import steps_of
from chaguan.playbooks.models import Run, RunRole
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.board import BoardColumn, board_of
from chaguan.playbooks.selectors.calendar import CalendarEntry, calendar_of
from chaguan.playbooks.selectors.capacity import (
    PersonLoad,
    is_for_person,
    minutes_by_day,
    planning_board,
    role_of,
)
from chaguan.playbooks.selectors.runs import open_runs_in

DAYS = 42  # of a run without an end


@dataclass(frozen=True)
class RunPlan:
    """One run on paper: its days with their steps, and who does what."""

    run: Run
    days: Sequence[tuple[date, Sequence[CalendarEntry]]]
    roles: Sequence[tuple[RunRole, int]]  # with the number of steps of the role
    minutes: int  # of work still planned, of everybody
    waits_for: Sequence[str]  # features that steps of it wait for
    sensitive: Sequence[str]  # titles of steps that need a second person
    trouble: Sequence[BoardColumn]  # unknown, failed and late steps


@dataclass(frozen=True)
class OperationPlan:
    """All open runs of a community, and the people who have more to do than hours."""

    runs: Sequence[RunPlan]
    overloads: Sequence[PersonLoad]

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.runs)


def operation_plan(actor: Actor, community_id: int, *, now: datetime) -> OperationPlan:
    """Read the plan of the open runs the actor may see. Queries: about 15 for each run."""
    runs = list(open_runs_in(actor, community_id).order_by("starts_on", "id"))
    plans = [_plan(run, now) for run in runs]
    zone = ZoneInfo(runs[0].zone) if runs else ZoneInfo("UTC")
    board = planning_board(actor, now.astimezone(zone).date(), 4, zone, now=now) if runs else []
    mine = {Person(r.user_id, r.member_id) for one in plans for r, _n in one.roles}
    overloads = [line for line in board if line.is_over and line.person in mine]
    return OperationPlan(plans, overloads)


def _plan(run: Run, now: datetime) -> RunPlan:
    zone = ZoneInfo(run.zone)
    first = min(run.starts_on, now.astimezone(zone).date()) - timedelta(days=14)
    last = run.ends_at.astimezone(zone).date() if run.ends_at else first + timedelta(days=DAYS + 14)
    by_role: Counter[str] = Counter()
    known = [entry.row for entry in steps_of(run.edition_id).values()]
    for step in known:
        if is_for_person(step):
            by_role[role_of(step)] += 1
    roles = list(RunRole.objects.filter(run=run).select_related("user", "member").order_by("role"))
    people = {Person(r.user_id, r.member_id) for r in roles if r.user_id or r.member_id}
    work: dict[int, int] = defaultdict(int)
    for (_who, _day, run_id), minutes in minutes_by_day(people, first, last, zone, now=now).items():
        work[run_id] += minutes
    trouble = [
        column
        for column in board_of(run, now=now, size=6)
        if column.code in ("unknown", "failed", "late") and column.total
    ]
    return RunPlan(
        run=run,
        days=list(calendar_of(run, first, last).items()),
        roles=[(row, by_role[row.role]) for row in roles],
        minutes=work[run.pk],
        waits_for=sorted({step.needs for step in known if step.needs}),
        sensitive=[step.title for step in known if step.needs_approval],
        trouble=trouble,
    )
