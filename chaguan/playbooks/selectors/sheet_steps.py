"""Lines of one step as one card: what somebody has to do two hundred times stands once, and opens.

Lines are alike when they are about people, of one run, one step and one local day, given to the same person,
and are done the same way. The newest line (`lead`) names them all: what came later was not seen, so it is
not decided with them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.schedule import local_instant
from chaguan.playbooks.selectors.sheets import SheetLine
from chaguan.playbooks.types import AssignmentState

PREPARING = "preparing"
TOGETHER = ("approve", "send", "note", "tick")  # ways in which many are done with one press
State = OutboxRow.State


@dataclass(frozen=True)
class SheetPile:
    """Lines that are alike, by time; one alone is a pile, too. `way` as in `ways_of`."""

    way: str
    lines: Sequence[SheetLine]

    @property
    def first(self) -> SheetLine:
        return self.lines[0]

    @property
    def amount(self) -> int:
        return len(self.lines)

    @property
    def is_many(self) -> bool:
        return len(self.lines) > 1

    @property
    def is_late(self) -> bool:
        return any(line.state == "late" for line in self.lines)

    @property
    def lead(self) -> int:
        return max(line.assignment.pk for line in self.lines if line.assignment)

    @property
    def may_together(self) -> bool:
        """Whether one press does them all: each proof by link is one's own."""
        return self.is_many and self.way in TOGETHER and self.first.step.proof != "link"

    @property
    def names(self) -> list[str]:
        """The first few people the lines are about."""
        return [line.about for line in self.lines[:3] if line.about]

    @property
    def minutes(self) -> int:
        return self.first.step.minutes * len(self.lines)


def waiting_reasons(keys: Iterable[str]) -> Counter[tuple[str, str]]:
    """How many prepared messages of each key wait for a person, by reason; `preparing` for those that are
    not ready for a yes. One statement for all of a run.
    """
    wanted = {key for key in keys if key}
    which = Q(pk__in=())
    for run in {key.split("/", 1)[0] for key in wanted}:
        which |= Q(key__gte=f"{run}/", key__lt=f"{run}0")
    waits = Q(state=State.AWAITING_PERSON) | Q(state=State.PLANNED, needs_approval=True)
    found: Counter[tuple[str, str]] = Counter()
    rows = all_rows().filter(which, waits).order_by()
    for row_key, state, reason in rows.values_list("key", "state", "reason"):
        parts = row_key.split("/")
        heads = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
        mine = next((key for head in heads for key in (head, f"{head}/") if key in wanted), None)
        if mine is not None:
            found[(mine, PREPARING if state == State.PLANNED else reason)] += 1
    return found


def ways_of(lines: Sequence[SheetLine], actor: Actor) -> dict[int, str]:
    """How each assignment is done, by its id. One statement.

    approve: read and let go; second: it waits for somebody else; preparing: its message is not ready;
    send: copy, send by hand, tick; question: a missed step asks whether it still goes; note: done with a
    word about it; tick: simply done.
    """
    given = [line for line in lines if line.assignment is not None]
    reasons = waiting_reasons(line.assignment.outbox_key for line in given if line.assignment)
    return {line.assignment.pk: _way(line, reasons, actor) for line in given if line.assignment}


def _way(line: SheetLine, reasons: Counter[tuple[str, str]], actor: Actor) -> str:
    assignment = line.assignment
    if assignment is not None and assignment.is_late_question:
        return "question"
    key = assignment.outbox_key if assignment is not None else ""
    if reasons[(key, "needs_approval")]:
        is_first = assignment is not None and assignment.run.by == actor.reference
        return "second" if is_first and line.step.needs_approval else "approve"
    if reasons[(key, PREPARING)]:
        return PREPARING
    if line.text:
        return "send"
    return "note" if line.step.mode == "human" or line.step.proof != "none" else "tick"


def together(lines: Iterable[SheetLine], ways: Mapping[int, str]) -> list[SheetPile]:
    """Lines that stand for an assignment, those that are alike as one pile, by time. No query."""
    found: dict[tuple[object, ...], list[SheetLine]] = {}
    for line in sorted(lines, key=lambda line: line.due_at):
        row = line.assignment
        if row is None:
            continue
        day = row.due_at.astimezone(ZoneInfo(row.community.timezone)).date()
        alone = row.pk if ways.get(row.pk) == "question" or row.about_id is None else 0
        state = "open" if line.state == "late" else line.state
        whose = (row.run_id, row.step_id, row.user_id, row.member_id)
        key = (*whose, day, state, ways.get(row.pk), alone)
        found.setdefault(key, []).append(line)
    return [
        SheetPile(ways.get(mine[0].assignment.pk, ""), mine)
        for mine in found.values()
        if mine[0].assignment
    ]


def alike(lead: Assignment) -> QuerySet[Assignment]:
    """The open lines that `lead` names, whichever way each is done; by id."""
    if lead.about_id is None:
        return Assignment.objects.filter(pk=lead.pk, state=AssignmentState.OPEN).order_by("id")
    begin, end = _day_of(lead.due_at, ZoneInfo(lead.community.timezone))
    is_hers = Q(member_id=lead.member_id) if lead.member_id else Q(member=None)
    is_login = Q(user_id=lead.user_id) if lead.user_id else Q(user=None)
    return Assignment.objects.filter(
        is_hers,
        is_login,
        about__isnull=False,
        run_id=lead.run_id,
        step_id=lead.step_id,
        due_at__gte=begin,
        due_at__lt=end,
        is_late_question=lead.is_late_question,
        state=AssignmentState.OPEN,
        pk__lte=lead.pk,
    ).order_by("id")


def _day_of(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    day = at.astimezone(zone).date()
    return local_instant(day, time(), zone), local_instant(day + timedelta(days=1), time(), zone)
