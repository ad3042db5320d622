"""Runs as screens show them: the list, the board with every step's state, the calendar."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.engine.catalogue import document_of, steps_of
from chaguan.playbooks.engine.planning import anchor_of
from chaguan.playbooks.models import (
    Assignment,
    Enrolment,
    Occurrence,
    Run,
    RunRole,
    SkippedStep,
    Step,
    Tally,
)
from chaguan.playbooks.schedule import from_seconds, personal, seconds
from chaguan.playbooks.types import AssignmentState, RunState, StepState, TrackKind


def runs_visible_to(actor: Actor, right: str = Right.VIEW_COMMUNITY) -> QuerySet[Run]:
    """Runs of the communities the actor may see, newest first, with edition and community loaded."""
    rows = Run.objects.select_related("edition__playbook", "community").order_by("-id")
    ids = community_ids_with(actor, right)
    return rows if ids is None else rows.filter(community_id__in=ids)


def open_runs_in(actor: Actor, community_id: int) -> QuerySet[Run]:
    """Running and paused runs of one community."""
    return runs_visible_to(actor).filter(
        community_id=community_id, state__in=[RunState.RUNNING, RunState.PAUSED]
    )


@dataclass(frozen=True)
class StepLine:
    """One step of a run with the state of everything it stands for.

    `dated` are its dated steps (room track); `due` and `late` count people (personal track); `messages`
    counts outbox rows by state; `open_lines` are assignments nobody has done yet.
    """

    step: Step
    offset: str
    dated: Sequence[Occurrence]
    due: int
    late: int
    messages: Mapping[str, int]
    open_lines: int
    done_lines: int
    skipped_because: str

    @property
    def state(self) -> str:
        """The one word for the board: needs | skipped | failed | unknown | waiting_person | late | held |
        done | going | waiting | cancelled."""
        states = {row.state for row in self.dated}
        if self.step.needs:
            return "needs"
        if self.skipped_because:
            return "skipped"
        for bad in ("unknown", "failed"):
            if self.messages.get(bad):
                return bad
        if self.open_lines or self.messages.get("awaiting_person"):
            return "waiting_person"
        if StepState.LATE in states or StepState.ASKED in states or self.late:
            return "late"
        if self.messages.get("expired"):
            return "late"
        if self.messages.get("suppressed"):
            return "held"
        if StepState.WAITING in states:
            return "going" if StepState.DONE in states else "waiting"
        if StepState.DONE in states or self.due:
            return "done"
        if StepState.CANCELLED in states:
            return "cancelled"
        return "skipped" if states else "waiting"


@dataclass(frozen=True)
class RunBoard:
    """Everything a run's page shows."""

    run: Run
    lines: Sequence[StepLine]
    roles: Sequence[RunRole]
    people: Mapping[str, int]  # enrolments: active, done, stopped


def run_board(run: Run) -> RunBoard:
    """The state of every step. The caller got `run` from `runs_visible_to`. Queries: 8, whatever the size."""
    dated: dict[int, list[Occurrence]] = defaultdict(list)
    for row in Occurrence.objects.filter(run=run).order_by("due_at", "id"):
        dated[row.step_id].append(row)
    tallies = {tally.step_id: tally for tally in Tally.objects.filter(run=run)}
    lines = Assignment.objects.filter(run=run).values("step_id").order_by()
    counted: dict[int, Mapping[str, Any]] = {
        entry["step_id"]: entry
        for entry in lines.annotate(
            open=Count("id", filter=Q(state=AssignmentState.OPEN)),
            done=Count("id", filter=Q(state=AssignmentState.DONE)),
        )
    }
    skipped = dict(SkippedStep.objects.filter(run=run).values_list("step_id", "reason"))
    messages = _messages(run)
    board = []
    for known in steps_of(run.edition_id).values():
        pk, tally = known.row.pk, tallies.get(known.row.pk)
        board.append(
            StepLine(
                step=known.row,
                offset=known.document.offset,
                dated=dated.get(pk, []),
                due=tally.due if tally else 0,
                late=tally.late if tally else 0,
                messages=messages.get(known.row.code, {}),
                open_lines=counted.get(pk, {}).get("open", 0),
                done_lines=counted.get(pk, {}).get("done", 0),
                skipped_because=skipped.get(pk, ""),
            )
        )
    roles = list(RunRole.objects.filter(run=run).select_related("user", "member").order_by("role"))
    people = Enrolment.objects.filter(run=run).values_list("state").order_by()
    by_state = {Enrolment.State(s).name.lower(): n for s, n in people.annotate(n=Count("id"))}
    return RunBoard(run, board, roles, by_state)


def _messages(run: Run) -> dict[str, dict[str, int]]:
    """Outbox rows per step code and state, found by the range of their keys."""
    head = f"run:{run.pk}/"
    rows = all_rows().filter(key__gte=head, key__lt=f"run:{run.pk}0").order_by()
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, state in rows.values_list("key", "state").iterator(chunk_size=5000):
        found[key.split("/", 2)[1]][state] += 1
    return {code: dict(states) for code, states in found.items()}


@dataclass(frozen=True)
class CalendarDay:
    """One local day of a run: its dated steps in order."""

    day: date
    steps: Sequence[tuple[Occurrence, Step]]


def run_calendar(run: Run, first: date, last: date) -> list[CalendarDay]:
    """The dated steps between two local days, by day, days without steps left out. Queries: ≤ 3."""
    zone = ZoneInfo(run.zone)
    known = steps_of(run.edition_id)
    days: dict[date, list[tuple[Occurrence, Step]]] = defaultdict(list)
    for row in Occurrence.objects.filter(run=run).order_by("due_at", "id"):
        day = row.due_at.astimezone(zone).date()
        if first <= day <= last:
            days[day].append((row, known[row.step_id].row))
    return [CalendarDay(day, days[day]) for day in sorted(days)]


@dataclass(frozen=True)
class TrackDay:
    """One local day with both tracks side by side: (instant, step) per track key."""

    day: date
    tracks: Mapping[str, Sequence[tuple[datetime, Step]]]


def two_tracks(run: Run) -> list[TrackDay]:
    """All tracks of a run per local day, each step at its planned instant; people's own days begin at D1."""
    from_engine = _planned(run)
    zone = ZoneInfo(run.zone)
    days: dict[date, dict[str, list[tuple[datetime, Step]]]] = defaultdict(
        lambda: {track.key: [] for track in document_of(run.edition_id).tracks}
    )
    for at, step in from_engine:
        days[at.astimezone(zone).date()][step.track].append((at, step))
    return [
        TrackDay(day, {key: sorted(rows, key=lambda r: r[0]) for key, rows in days[day].items()})
        for day in sorted(days)
    ]


def _planned(run: Run) -> list[tuple[datetime, Step]]:
    document = document_of(run.edition_id)
    known = steps_of(run.edition_id)
    rows = [(row.due_at, known[row.step_id].row) for row in Occurrence.objects.filter(run=run)]
    personal_tracks = {t.key for t in document.tracks if t.kind == TrackKind.PERSONAL}
    anchor = anchor_of(run, document)
    start_s = seconds(run.starts_at)
    for entry in known.values():
        if entry.row.track in personal_tracks and not entry.document.after:
            for moment in entry.document.moment.moments:
                for found in personal(moment, anchor, run.starts_on):
                    at = found.at_s if found.at_s is not None else start_s + (found.after_s or 0)
                    rows.append((from_seconds(at), entry.row))
    return rows
