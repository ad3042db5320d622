"""The daily report (今日小结): one community, one local day, told from what is kept anyway."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, Min, Q, When

from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.document import Step as StepDocument
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.models import Assignment, Occurrence
from chaguan.playbooks.schedule import local_instant
from chaguan.playbooks.types import AssignmentState, StepState

LATE_AFTER = timedelta(hours=1)
WAITED_AT_MOST = timedelta(
    days=31
)  # a message that waited longer before it went out is not looked for
LEFT_OUT = (AssignmentState.SKIPPED, AssignmentState.CANCELLED, AssignmentState.EXPIRED)
NOT_DONE = (StepState.SKIPPED, StepState.LATE, StepState.CANCELLED)


@dataclass(frozen=True)
class ReportLine:
    """One step of the day. `who` is the reference of who did it, left it out, or has it to do.

    `state` is done, skipped, cancelled, late (nobody did it in time) or open; `assignment` is None for
    a dated step that the system itself left out. `note` holds the note, or the reason.
    """

    at: datetime
    step: StepDocument
    run_id: int
    playbook: str
    who: str
    role: str
    about: str
    state: str
    note: str
    proof: str = ""
    done_later_at: datetime | None = None
    assignment: Assignment | None = None


@dataclass(frozen=True)
class ReportMessages:
    """Messages of the day that are alike: one purpose, one room, one state. `row_id` is the first of them."""

    at: datetime
    state: str
    reason: str
    kind: str
    purpose: str
    room_id: int | None
    text: str
    amount: int
    row_id: int


@dataclass(frozen=True)
class DailyReport:
    """What one local day of a community came to.

    `community_id` is 0 where it is one person's day over all of them. `done` and `left_out` happened on
    that day; `unfinished` fell due on it and was not done when it ended (or now, while it lasts); `older`
    counts what was still open from days before.
    """

    community_id: int
    day: date
    zone: str
    done: Sequence[ReportLine]
    left_out: Sequence[ReportLine]
    unfinished: Sequence[ReportLine]
    older: int
    messages: Sequence[ReportMessages]

    @property
    def minutes(self) -> int:
        """How long the steps that people did usually take."""
        people = [line for line in self.done if not line.who.startswith("system:")]
        return sum(line.step.minutes for line in people)

    def amount(self, *states: str) -> int:
        """How many messages are in these states."""
        return sum(one.amount for one in self.messages if one.state in states)

    @property
    def is_empty(self) -> bool:
        return not (self.done or self.left_out or self.unfinished or self.older or self.messages)


def daily_report(actor: Actor, community_id: int, day: date, *, now: datetime) -> DailyReport:
    """The report of one day, in the community's own zone. Queries: 5, whatever the day held.

    Raises: Missing where the actor may not view the community's reports.
    """
    seen = communities_visible_to(actor, Right.VIEW_REPORTS).filter(pk=community_id)
    zone_name = seen.values_list("timezone", flat=True).first()
    if zone_name is None:
        raise Missing
    zone = ZoneInfo(zone_name)
    begin = local_instant(day, time(), zone)
    end = local_instant(day + timedelta(days=1), time(), zone)
    given = _given(community_id, begin, end)
    told = told_day(given, day=day, zone=zone_name, now=now, older=_older(community_id, begin, end))
    dropped = _dropped(community_id, begin, end)
    return replace(
        told,
        community_id=community_id,
        left_out=sorted([*told.left_out, *dropped], key=lambda line: (line.at, line.step.id)),
        messages=_messages(community_id, begin, end),
    )


def told_day(
    given: Sequence[Assignment], *, day: date, zone: str, now: datetime, older: int
) -> DailyReport:
    """These assignments as a local day saw them: done, left out, not done. No query."""
    place = ZoneInfo(zone)
    begin = local_instant(day, time(), place)
    end = local_instant(day + timedelta(days=1), time(), place)
    left_out = [row for row in given if _left_out_on(row, begin, end)]
    done = [
        row for row in given if row.state == AssignmentState.DONE and _closed_on(row, begin, end)
    ]
    unfinished = [row for row in given if _was_open(row, end)]
    return DailyReport(
        community_id=0,
        day=day,
        zone=zone,
        done=[_done(row) for row in sorted(done, key=lambda row: (row.done_at or end, row.pk))],
        left_out=[_done(row) for row in left_out],
        unfinished=[_unfinished(row, min(now, end)) for row in unfinished],
        older=older,
        messages=[],
    )


def by_step(lines: Iterable[ReportLine], *, same_words: bool = False) -> list[Sequence[ReportLine]]:
    """Lines about many people of one step, one doer and one fate together, by their first; no query.

    `same_words` also wants the same note and proof. What is about nobody stands alone: it has its own hour.
    """
    found: dict[tuple[object, ...], list[ReportLine]] = {}
    for line in lines:
        words = (line.note, line.proof) if same_words else ()
        alone = () if line.about else (line.at, len(found))
        key = (line.run_id, line.step.id, line.who, line.role, line.state, *words, *alone)
        found.setdefault(key, []).append(line)
    return list(found.values())


def _given(community_id: int, begin: datetime, end: datetime) -> list[Assignment]:
    """Every assignment that fell due or was closed on the day."""
    rows = Assignment.objects.filter(
        Q(due_at__gte=begin) | Q(done_at__gte=begin, done_at__lt=end),
        Q(due_at__lt=end) | Q(done_at__gte=begin, done_at__lt=end),
        community_id=community_id,
    )
    return list(rows.select_related("run__edition__playbook", "about").order_by("due_at", "id"))


def _closed_on(row: Assignment, begin: datetime, end: datetime) -> bool:
    return row.done_at is not None and begin <= row.done_at < end


def _left_out_on(row: Assignment, begin: datetime, end: datetime) -> bool:
    return row.state in LEFT_OUT and _closed_on(row, begin, end)


def _was_open(row: Assignment, end: datetime) -> bool:
    """Due on the day and not closed when it ended."""
    return row.due_at < end and (row.done_at is None or row.done_at >= end)


def _done(row: Assignment) -> ReportLine:
    return _line(row, row.done_at or row.due_at, str(row.state), row.done_by, row.note)


def _unfinished(row: Assignment, as_of: datetime) -> ReportLine:
    is_late = (row.closes_at or row.due_at) < as_of - LATE_AFTER
    has_it = f"staff:{row.user_id}" if row.user_id else ""
    has_it = has_it or (f"member:{row.member_id}" if row.member_id else "")
    return _line(row, row.due_at, "late" if is_late else "open", has_it, "")


def _line(row: Assignment, at: datetime, state: str, who: str, note: str) -> ReportLine:
    return ReportLine(
        at=at,
        step=known_step(row.step_id).document,
        run_id=row.run_id,
        playbook=row.run.edition.playbook.title,
        who=who,
        role=row.role,
        about=row.about.name if row.about else "",
        state=state,
        note=note,
        proof=row.proof if state == AssignmentState.DONE else "",
        done_later_at=row.done_at if state in ("late", "open") else None,
        assignment=row,
    )


def _dropped(community_id: int, begin: datetime, end: datetime) -> list[ReportLine]:
    """Dated steps of the day that did not happen, each with its reason."""
    rows = Occurrence.objects.filter(
        run__community_id=community_id, state__in=NOT_DONE, due_at__gte=begin, due_at__lt=end
    )
    return [
        ReportLine(
            at=row.due_at,
            step=known_step(row.step_id).document,
            run_id=row.run_id,
            playbook=row.run.edition.playbook.title,
            who=row.by,
            role="",
            about="",
            state=str(row.state),
            note=row.reason,
        )
        for row in rows.select_related("run__edition__playbook").order_by("due_at", "id")
    ]


def _older(community_id: int, begin: datetime, end: datetime) -> int:
    """How many lines of earlier days were open when the day ended."""
    return Assignment.objects.filter(
        Q(done_at__isnull=True) | Q(done_at__gte=end), community_id=community_id, due_at__lt=begin
    ).count()


def _messages(community_id: int, begin: datetime, end: datetime) -> list[ReportMessages]:
    """Messages sent on the day, and those due on it that were not; alike ones as one line, by time."""
    sent = Q(state=OutboxRow.State.SENT, finished_at__gte=begin, finished_at__lt=end)
    other = ~Q(state=OutboxRow.State.SENT) & Q(due_at__gte=begin)
    rows = all_rows().filter(
        sent | other,
        community_id=community_id,
        due_at__gte=begin - WAITED_AT_MOST,
        due_at__lt=end,
    )
    when = Case(When(state=OutboxRow.State.SENT, then=F("finished_at")), default=F("due_at"))
    alike = rows.order_by().values("state", "reason", "kind", "purpose", "room_id")
    found = alike.annotate(at=Min(when), amount=Count("id"), row_id=Min("id"), one_text=Min("text"))
    lines = [
        ReportMessages(
            at=entry["at"],
            state=entry["state"],
            reason=entry["reason"],
            kind=entry["kind"],
            purpose=entry["purpose"],
            room_id=entry["room_id"],
            text=entry["one_text"] if entry["amount"] == 1 else "",
            amount=entry["amount"],
            row_id=entry["row_id"],
        )
        for entry in found
    ]
    return sorted(lines, key=lambda one: (one.at, one.row_id))
