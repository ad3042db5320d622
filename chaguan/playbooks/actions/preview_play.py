"""Letting time pass over a run on paper: from stop to stop, the engine and the sender's checks, no channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max

from chaguan.channels.contract import connectors
from chaguan.communities.selectors.audiences import open_rooms
from chaguan.eventlog.contract import Logged
from chaguan.kernel.rowset import instant
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.actions.preview_people import Entry
from chaguan.playbooks.actions.preview_types import Planned
from chaguan.playbooks.engine.acts import hear
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.engine.dated import advance_rooms
from chaguan.playbooks.engine.personal import advance_people
from chaguan.playbooks.models import Assignment, Occurrence, Run
from chaguan.playbooks.schedule import from_seconds
from chaguan.playbooks.types import StepState

MAX_STOPS = 5000  # instants at which something happens; a playbook with more is cut there
State = OutboxRow.State


@dataclass(frozen=True)
class Act:
    """Something a member is taken to do: a fact of the catalogue by its name, and when."""

    member_id: int
    fact: str
    at: datetime


class Play:
    """One run inside a transaction that will be taken back, with the clock in our hands."""

    def __init__(self, run: Run, acts: Sequence[Act]) -> None:
        self._run = run
        self._acts = sorted(acts, key=lambda act: act.at)
        self._prefix = f"run:{run.pk}/"
        self._seen = all_rows().aggregate(m=Max("pk"))["m"] or 0
        self._rows: list[OutboxRow] = []  # as they are in the database
        self._waiting: dict[int, OutboxRow] = {}  # those that are planned
        self._holds: dict[int, list[str]] = {}
        rooms = open_rooms() | open_rooms(is_back_room=True)
        channels = rooms.filter(community_id=run.community_id).values_list(
            "account_id", "connector"
        )
        self._reached = {
            account: connectors.get(code).reaches
            for account, code in channels
            if code in connectors
        }

    def live(self, now: datetime, end: datetime) -> bool:
        """Let time pass; returns whether it was cut."""
        at = now
        for _stop in range(MAX_STOPS):
            stop = self._next()
            if stop is None or max(stop, at) > end:
                return False
            at = max(stop, at)
            self._act(at)
            self._advance(at)
            self._take_in()
            self._send(at)
        return True

    def _due(self) -> list[datetime | None]:
        """When the next dated step and the next timer come. One statement."""
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_DUE, [self._run.pk])
            due_at, wake_s = cursor.fetchone()
        return [instant(due_at), from_seconds(wake_s) if wake_s is not None else None]

    def _next(self) -> datetime | None:
        found = [*self._due(), *[row.due_at for row in self._waiting.values()]]
        if self._acts:
            found.append(self._acts[0].at)
        return min((stop for stop in found if stop is not None), default=None)

    def _act(self, at: datetime) -> None:
        while self._acts and self._acts[0].at <= at:
            act = self._acts.pop(0)
            fact = Logged(
                id=-len(self._acts) - 1,
                name=act.fact,
                at=act.at,
                community_id=self._run.community_id,
                room_id=None,
                member_id=act.member_id,
                actor="",
                caused_by=None,
                depth=0,
                data={},
            )
            hear([fact])

    def _advance(self, at: datetime) -> None:
        while True:
            dated, waking = self._due()
            if dated is not None and dated <= at:
                advance_rooms(at, run_id=self._run.pk)
            elif waking is None or waking > at:
                return
            if waking is not None and waking <= at:
                advance_people(at, run_id=self._run.pk)

    def _take_in(self) -> None:
        """Rows that were planned since the last look."""
        new = list(
            all_rows().filter(pk__gt=self._seen, key__startswith=self._prefix).order_by("pk")
        )
        self._rows += new
        self._waiting |= {row.pk: row for row in new}
        self._seen = max([self._seen, *[row.pk for row in new]])

    def _send(self, at: datetime) -> None:
        """What the sender would do at this instant, without any channel."""
        due = [row for row in self._waiting.values() if row.due_at <= at]
        if not due:
            return
        due.sort(key=lambda row: (row.due_at, row.pk))
        outbox.rehearse(due, at, reached=self._reached)
        for row in due:
            if row.state != State.PLANNED:
                del self._waiting[row.pk]
                continue
            reasons = self._holds.setdefault(row.pk, [])
            if row.reason and (not reasons or reasons[-1] != row.reason):
                reasons.append(row.reason)

    def entries(self) -> list[Entry]:
        """Everything that happened, in order of time."""
        found = [*self._messages(), *self._assigned(), *self._left_out()]
        return sorted(found, key=lambda entry: (entry.planned.at, entry.planned.step))

    def _messages(self) -> list[Entry]:
        return [
            Entry(
                Planned(
                    step=known_step(row.payload["step"]).row.code,
                    due_at=from_seconds(row.payload["due"]),
                    at=row.claimed_at or row.due_at,
                    kind=row.kind,
                    state="sent" if row.state == State.CLAIMED else row.state,
                    room_id=row.room_id,
                    member_id=row.member_id,
                    text=row.text,
                    held_for=tuple(self._holds.get(row.pk, ())),
                    reason=row.reason,
                ),
                row.payload,
            )
            for row in sorted(self._rows, key=lambda row: (row.due_at, row.pk))
        ]

    def _assigned(self) -> list[Entry]:
        """What people are given to do."""
        return [
            Entry(
                Planned(
                    step=known_step(line.step_id).row.code,
                    due_at=line.due_at,
                    at=line.due_at,
                    kind="assignment",
                    state="assignment",
                    member_id=line.about_id,
                    role=line.role,
                )
            )
            for line in Assignment.objects.filter(run=self._run).order_by("due_at", "id")
        ]

    def _left_out(self) -> list[Entry]:
        """Steps that would not happen, with the reason."""
        states = [StepState.SKIPPED, StepState.LATE, StepState.ASKED]
        return [
            Entry(
                Planned(
                    step=known_step(missed.step_id).row.code,
                    due_at=missed.due_at,
                    at=missed.due_at,
                    kind="step",
                    state="left_out",
                    reason=missed.reason or missed.state,
                    member_id=missed.member_id,
                )
            )
            for missed in Occurrence.objects.filter(run=self._run, state__in=states)
        ]


_NEXT_DUE = """
SELECT (SELECT min(due_at) FROM playbooks_occurrence WHERE run_id = %s AND state = 'waiting'),
  (SELECT min(wake_s) FROM playbooks_timer)
"""
