"""A run as a board (看板): every dated step in the column of what became of it, with counts and reasons."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.engine.catalogue import steps_of
from chaguan.playbooks.models import Assignment, Occurrence, Run, SkippedStep, Step, Tally
from chaguan.playbooks.types import AssignmentState, RunState, StepState

Row = OutboxRow.State
COLUMNS = ("unknown", "failed", "late", "held", "waiting", "done", "skipped")
CAN_MOVE = ("failed", "late", "skipped")  # columns whose dated steps can get a new time
OVERDUE = timedelta(hours=1)  # how long after its time an open line counts as late
BEHIND = timedelta(
    minutes=15
)  # how long after its time a dated step that nobody took counts as late


@dataclass(frozen=True)
class BoardCard:
    """One dated step of a room track, or one step of a personal track with all its people.

    `amount` counts messages; `people` those whose time came, on personal tracks. `is_asking`: a person has
    to do something before it goes on.
    """

    step: Step
    column: str
    at: datetime | None
    occurrence_id: int | None
    reasons: Mapping[str, int]
    amount: int
    people: int
    is_asking: bool

    @property
    def reason(self) -> str:
        return next(iter(self.reasons), "")

    @property
    def can_move(self) -> bool:
        return self.column in CAN_MOVE and self.occurrence_id is not None


@dataclass(frozen=True)
class BoardColumn:
    """One column: how many cards, why, and the cards of the page asked for."""

    code: str
    total: int
    reasons: Sequence[tuple[str, int]]
    cards: Sequence[BoardCard]
    pages: int
    page: int


@dataclass
class Facts:
    """What is known about one card's messages and lines."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    open_lines: int = 0
    overdue_lines: int = 0
    done_lines: int = 0
    skipped_lines: int = 0


def board_of(
    run: Run, *, now: datetime, size: int = 12, only: str = "", page: int = 1
) -> list[BoardColumn]:
    """All columns with their first cards, or page `page` of one column. The caller may see the run.

    Queries: 7, whatever the number of steps, people and messages.
    """
    cards: dict[str, list[BoardCard]] = {code: [] for code in COLUMNS}
    for card in _cards(run, now):
        cards[card.column].append(card)
    columns = []
    for code in COLUMNS:
        if only and code != only:
            continue
        mine = cards[code]
        mine.sort(key=lambda card: _order(card, is_past=code in ("done", "skipped")))
        why: Counter[str] = Counter()
        for card in mine:
            why.update({reason: 1 for reason in card.reasons if reason})
        pages = max(1, -(-len(mine) // size))
        shown = min(max(1, page), pages)
        part = mine[(shown - 1) * size : shown * size]
        columns.append(BoardColumn(code, len(mine), why.most_common(), part, pages, shown))
    return columns


def columns_by_moment(run: Run, *, now: datetime) -> dict[int, str]:
    """The column of every dated step, by its id. Queries as `board_of`."""
    return {card.occurrence_id: card.column for card in _cards(run, now) if card.occurrence_id}


def _order(card: BoardCard, *, is_past: bool) -> tuple[float, int]:
    """By the hour; steps with each person stand first, those that reached nobody yet last."""
    if card.at is None:
        is_ahead = not is_past and not card.people and not card.is_asking
        return (math.inf if is_ahead else 0.0), card.step.place
    at = card.at.timestamp()
    return (-at if is_past else at), card.step.place


def _cards(run: Run, now: datetime) -> list[BoardCard]:
    known = steps_of(run.edition_id)
    by_occurrence, by_step = _facts(run, now)
    skipped = dict(SkippedStep.objects.filter(run=run).values_list("step_id", "reason"))
    tallies = {tally.step_id: tally for tally in Tally.objects.filter(run=run)}
    rows = Occurrence.objects.filter(run=run).values_list(
        "pk", "step_id", "due_at", "state", "reason"
    )
    cards = []
    for pk, step_id, due_at, state, reason in rows.iterator(chunk_size=5000):
        facts = by_occurrence.get(pk, Facts())
        column, reasons = _column(facts, state, reason, is_behind=due_at < now - BEHIND, run=run)
        asks = bool(facts.open_lines or facts.states[Row.AWAITING_PERSON])
        amount = sum(facts.states.values())
        cards.append(BoardCard(known[step_id].row, column, due_at, pk, reasons, amount, 0, asks))
    for step_id, entry in known.items():
        if entry.row.is_personal:
            cards.append(
                _personal_card(
                    entry.row, by_step[step_id], tallies.get(step_id), skipped.get(step_id, "")
                )
            )
    return cards


def _column(
    facts: Facts, state: str, reason: str, *, is_behind: bool, run: Run
) -> tuple[str, Mapping[str, int]]:
    """The worst that is true of a dated step, with its reasons."""
    found = _worst(facts)
    if found is not None:
        return found
    if state in (StepState.LATE, StepState.ASKED):
        return "late", {reason or state: 1}
    if state in (StepState.SKIPPED, StepState.CANCELLED):
        return "skipped", {reason or state: 1}
    if state == StepState.WAITING:
        if run.state == RunState.PAUSED:
            return "held", {"run_paused": 1}
        return ("late", {"behind": 1}) if is_behind else ("waiting", {})
    if facts.skipped_lines and not facts.done_lines and not facts.states[Row.SENT]:
        return "skipped", {"step_skipped": 1}
    return "done", {}


def _worst(facts: Facts) -> tuple[str, Mapping[str, int]] | None:
    """Where messages and lines put a card; None where they say nothing."""
    troubles = (("unknown", Row.UNKNOWN), ("failed", Row.FAILED), ("late", Row.EXPIRED))
    for column, state in troubles:
        if facts.states[state]:
            return column, _why(facts, [state])
    if facts.overdue_lines:
        return "late", {"line_overdue": facts.overdue_lines}
    if facts.open_lines or facts.states[Row.AWAITING_PERSON]:
        return "waiting", _why(facts, [Row.AWAITING_PERSON])
    waits = {code: n for code, n in facts.reasons[Row.PLANNED].items() if code}
    held = dict(_why(facts, [Row.SUPPRESSED])) | waits
    if held:
        return "held", held
    if facts.states[Row.PLANNED] or facts.states[Row.CLAIMED]:
        return "waiting", {}
    if facts.states[Row.CANCELLED] and not facts.states[Row.SENT]:
        return "skipped", _why(facts, [Row.CANCELLED])
    return None


def _why(facts: Facts, states: Sequence[str]) -> Mapping[str, int]:
    why: Counter[str] = Counter()
    for state in states:
        why.update(facts.reasons[state])
    return dict(why.most_common())


def _personal_card(step: Step, facts: Facts, tally: Tally | None, skipped: str) -> BoardCard:
    due, late = (tally.due, tally.late) if tally else (0, 0)
    found = _worst(facts)
    if step.needs:
        found = "held", {"feature_missing": 1}
    elif skipped:
        found = "skipped", {skipped: 1}
    elif found is None and late:
        found = "late", {"late": late}
    column, reasons = found or (("done", {}) if due else ("waiting", {}))
    asks = bool(facts.open_lines or facts.states[Row.AWAITING_PERSON])
    return BoardCard(step, column, None, None, reasons, sum(facts.states.values()), due, asks)


def messages_of(run: Run) -> QuerySet[OutboxRow]:
    """All outbox rows of a run, by the range of their keys."""
    return all_rows().filter(key__gte=f"run:{run.pk}/", key__lt=f"run:{run.pk}0")


def _facts(run: Run, now: datetime) -> tuple[dict[int, Facts], dict[int, Facts]]:
    """Messages and lines, counted by dated step and by personal step. Three statements."""
    by_occurrence: dict[int, Facts] = defaultdict(Facts)
    by_step: dict[int, Facts] = defaultdict(Facts)
    counted = (
        messages_of(run)
        .order_by()
        .values_list("payload__occurrence", "payload__step", "state", "reason")
    )
    for occurrence, step_id, state, reason, amount in counted.annotate(n=Count("id")):
        facts = by_occurrence[int(occurrence)] if occurrence else by_step[int(step_id)]
        facts.states[state] += amount
        facts.reasons[state][reason] += amount
    _count_lines(run, now, by_occurrence, by_step)
    return by_occurrence, by_step


def _count_lines(
    run: Run, now: datetime, by_occurrence: dict[int, Facts], by_step: dict[int, Facts]
) -> None:
    is_open = Q(state=AssignmentState.OPEN)
    past = Q(closes_at__lt=now - OVERDUE) | Q(closes_at=None, due_at__lt=now - OVERDUE)
    lines: Any = (
        Assignment.objects.filter(run=run)
        .order_by()
        .values_list("occurrence_id", "step_id")
        .annotate(
            open=Count("id", filter=is_open),
            overdue=Count("id", filter=is_open & past),
            done=Count("id", filter=Q(state=AssignmentState.DONE)),
            skipped=Count("id", filter=Q(state=AssignmentState.SKIPPED)),
        )
    )
    for occurrence, step_id, open_lines, overdue, done, skipped in lines:
        facts = by_occurrence[occurrence] if occurrence else by_step[step_id]
        facts.open_lines += open_lines
        facts.overdue_lines += overdue
        facts.done_lines += done
        facts.skipped_lines += skipped
