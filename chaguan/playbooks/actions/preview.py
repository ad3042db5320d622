"""The preview (预览): the same code with another clock, in a transaction that is taken back.

What it shows for a start date is what later happens, as long as nobody acts meanwhile: no message here
leaves the house, and nothing stays in the database. Other runs' promotions of those days are not counted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Min

from chaguan.channels.contract import connectors
from chaguan.communities.selectors.audiences import holders_in, open_rooms, people_inside
from chaguan.kernel.actor import Actor
from chaguan.outbox import actions as outbox
from chaguan.outbox.actions import Outcome
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.people.selectors.names import names_of
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.catalogue import document_of, known_step, rehearsal
from chaguan.playbooks.engine.dated import advance_rooms
from chaguan.playbooks.engine.enrolling import Arrival, enrol
from chaguan.playbooks.engine.personal import advance_people
from chaguan.playbooks.engine.planning import lay_out
from chaguan.playbooks.models import Assignment, Enrolment, Occurrence, Run, Timer
from chaguan.playbooks.roles import Person, proposed, roles_needed
from chaguan.playbooks.schedule import from_seconds, seconds
from chaguan.playbooks.types import StepState, TrackKind

MAX_STOPS = 5000  # instants at which something happens; a playbook with more is cut there


@dataclass(frozen=True)
class Planned:
    """One message or assignment as it will be.

    `at` is when it goes out (or waits for a person), `due_at` when its step fell due. `held_for` lists why
    it waited meanwhile. `state` is sent, awaiting_person, suppressed, failed, assignment or left_out.
    """

    step: str
    due_at: datetime
    at: datetime
    kind: str
    state: str
    room_id: int | None = None
    member_id: int | None = None
    text: str = ""
    held_for: tuple[str, ...] = ()
    reason: str = ""
    role: str = ""


@dataclass(frozen=True)
class PreviewLine:
    """One line of the timeline: a step at an instant, how many it reaches, and what they read."""

    at: datetime
    due_at: datetime
    step: str
    title: str
    track: str
    purpose: str
    kind: str
    mode: str
    state: str
    held_for: tuple[str, ...]
    reason: str
    role: str
    recipients: int
    names: tuple[str, ...]
    text: str
    minutes: int


@dataclass(frozen=True)
class Preview:
    """A dated timeline, with what is still missing before the run can start."""

    lines: Sequence[PreviewLine]
    planned: Sequence[Planned]
    missing_roles: Sequence[str]
    missing_values: Sequence[str]
    is_cut: bool
    zone: str

    def minutes_by_day(self) -> dict[date, int]:
        """How long people work for this run on each local day."""
        days: Counter[date] = Counter()
        for line in self.lines:
            if line.minutes:
                days[line.at.astimezone(ZoneInfo(self.zone)).date()] += line.minutes
        return dict(sorted(days.items()))


def preview_run(
    actor: Actor,
    edition_id: int,
    community_id: int,
    start: Start,
    *,
    now: datetime,
    days: int = 30,
    examples: Sequence[int] = (),
) -> Preview:
    """Play a run through on paper, for at most `days` days; nothing stays.

    Tracks that people enter later are shown with the members `examples`, or with one of the community,
    as if they entered when the run starts. Roles nobody holds and values nobody gave are listed; the
    texts show the variables' examples.

    Raises: Refused, Missing, Invalid, as start_run.
    """
    document = document_of(edition_id)
    filled, roles, values = _filled(document, community_id, start)
    with rehearsal(), transaction.atomic():
        run = start_run(actor, edition_id, community_id, filled, now=now)
        _enter_examples(run, document, examples, now)
        end = now + timedelta(days=days)
        if run.starts_at > now:
            end = run.starts_at + timedelta(days=days)
        lay_out(run, document, since=run.starts_on, until=end.date() + timedelta(days=1))
        is_cut, holds = _live(run, now, end)
        planned = _planned(run, holds)
        lines = _lines(run, planned)
        transaction.set_rollback(True)
    return Preview(lines, planned, roles, values, is_cut, run.zone)


def _filled(
    document: Playbook, community_id: int, start: Start
) -> tuple[Start, list[str], list[str]]:
    """The start with everything that is missing filled in, and what that was."""
    found = proposed(roles_needed(document), holders_in(community_id), start.people)
    roles = [role.value for role, person in found.items() if person is None]
    values, missing = dict(start.values), []
    for name, variable in document.variables.items():
        if not (values.get(name) or variable.default):
            missing.append(name)
            values[name] = variable.example or f"〔{variable.label}〕"
    people = {**start.people, **{role: Person() for role in roles}}
    return replace(start, values=values, people=people), roles, missing


def _enter_examples(run: Run, document: Playbook, examples: Sequence[int], now: datetime) -> None:
    entered_s = max(seconds(now), seconds(run.starts_at))
    for track in document.tracks:
        if track.kind == TrackKind.PERSONAL and track.entry and track.entry.at != "start":
            inside = people_inside().filter(community_id=run.community_id).order_by("id")
            members = list(examples) or list(inside.values_list("member_id", flat=True)[:1])
            enrol(run, document, track, [Arrival(pk, entered_s) for pk in members])


def _live(run: Run, now: datetime, end: datetime) -> tuple[bool, dict[int, list[str]]]:
    """Let time pass from stop to stop; returns whether it was cut, and why rows were held."""
    rooms = open_rooms() | open_rooms(is_back_room=True)
    reached = {
        account: connectors.get(code).reaches
        for account, code in rooms.filter(community_id=run.community_id).values_list(
            "account_id", "connector"
        )
        if code in connectors
    }
    holds: dict[int, list[str]] = {}
    at: datetime | None = now
    for _stop in range(MAX_STOPS):
        at = _next_stop(run, at or now)
        if at is None or at > end:
            return False, holds
        while advance_rooms(at, run_id=run.pk) + advance_people(at, run_id=run.pk):
            pass
        _send(run, at, reached, holds)
    return True, holds


def _next_stop(run: Run, at: datetime) -> datetime | None:
    """The next instant at which something of the run is due; `at` itself while something is overdue."""
    mine = Enrolment.objects.filter(run=run).values("pk")
    waiting = Occurrence.objects.filter(run=run, state=StepState.WAITING)
    rows = all_rows().filter(key__startswith=f"run:{run.pk}/", state=OutboxRow.State.PLANNED)
    wake_s = Timer.objects.filter(enrolment_id__in=mine).aggregate(m=Min("wake_s"))["m"]
    found = [
        waiting.aggregate(m=Min("due_at"))["m"],
        rows.aggregate(m=Min("due_at"))["m"],
        from_seconds(wake_s) if wake_s is not None else None,
    ]
    stops = [max(stop, at) for stop in found if stop is not None]
    return min(stops, default=None)


def _send(
    run: Run, at: datetime, reached: dict[int, frozenset[str]], holds: dict[int, list[str]]
) -> None:
    """What the sender would do at this instant, without any channel."""
    prefix = f"run:{run.pk}/"
    due = all_rows().filter(key__startswith=prefix, state=OutboxRow.State.PLANNED, due_at__lte=at)
    while due.exists():
        for row in outbox.claim(at, rates={}, reached=reached, limit=1000, key_prefix=prefix):
            outbox.finish(row, Outcome("sent"), now=at)
        held = all_rows().filter(
            key__startswith=prefix, state=OutboxRow.State.PLANNED, due_at__gt=at
        )
        for pk, reason in held.exclude(reason="").values_list("pk", "reason"):
            reasons = holds.setdefault(pk, [])
            if not reasons or reasons[-1] != reason:
                reasons.append(reason)


def _planned(run: Run, holds: dict[int, list[str]]) -> list[Planned]:
    rows = all_rows().filter(key__startswith=f"run:{run.pk}/").order_by("due_at", "id")
    found = [
        Planned(
            step=known_step(row.payload["step"]).row.code,
            due_at=from_seconds(row.payload["due"]),
            at=row.claimed_at or row.due_at,
            kind=row.kind,
            state=row.state,
            room_id=row.room_id,
            member_id=row.member_id,
            text=row.text,
            held_for=tuple(holds.get(row.pk, ())),
            reason=row.reason,
        )
        for row in rows
    ]
    found += [*_assigned(run), *_left_out(run)]
    return sorted(found, key=lambda entry: (entry.at, entry.step))


def _assigned(run: Run) -> list[Planned]:
    """What people are given to do."""
    return [
        Planned(
            step=known_step(line.step_id).row.code,
            due_at=line.due_at,
            at=line.due_at,
            kind="assignment",
            state="assignment",
            member_id=line.about_id,
            role=line.role,
        )
        for line in Assignment.objects.filter(run=run).order_by("due_at", "id")
    ]


def _left_out(run: Run) -> list[Planned]:
    """Steps that would not happen, with the reason."""
    states = [StepState.SKIPPED, StepState.LATE, StepState.ASKED]
    return [
        Planned(
            step=known_step(missed.step_id).row.code,
            due_at=missed.due_at,
            at=missed.due_at,
            kind="step",
            state="left_out",
            reason=missed.reason or missed.state,
        )
        for missed in Occurrence.objects.filter(run=run, state__in=states)
    ]


def _lines(run: Run, planned: Sequence[Planned]) -> list[PreviewLine]:
    """The timeline: entries of one step at one instant with one fate are one line."""
    document = document_of(run.edition_id)
    together: dict[tuple[object, ...], list[Planned]] = {}
    for entry in planned:
        key = (entry.at, entry.step, entry.kind, entry.state, entry.held_for, entry.reason)
        together.setdefault(key, []).append(entry)
    shown = {e.member_id for entries in together.values() for e in entries[:3] if e.member_id}
    names = names_of(shown)
    lines = []
    for entries in together.values():
        first, step = entries[0], document.step(entries[0].step)
        known = [names[e.member_id] for e in entries[:3] if e.member_id in names]
        is_work = first.kind == "assignment"
        lines.append(
            PreviewLine(
                at=first.at,
                due_at=first.due_at,
                step=step.id,
                title=step.title,
                track=step.track,
                purpose=step.purpose,
                kind=first.kind,
                mode=step.mode,
                state=first.state,
                held_for=first.held_for,
                reason=first.reason,
                role=first.role,
                recipients=len(entries),
                names=tuple(known),
                text=next((e.text for e in entries if e.text), ""),
                minutes=step.minutes * len(entries) if is_work else 0,
            )
        )
    return lines
