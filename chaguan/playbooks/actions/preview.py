"""The preview (预览): the same code with another clock, in a transaction that is taken back.

It plays one person for each kind of people that the playbook treats alike, and counts for all of them: ten
thousand members cost what a few dozen do.

What it shows for a start date is what later happens, as long as nobody acts meanwhile (or acts as `acts`
says): no message here leaves the house, and nothing stays in the database. Other runs' promotions of
those days are not counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chaguan.communities.selectors.audiences import holders_in, people_inside
from chaguan.communities.selectors.rights import communities_visible_to
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.kernel.remembering import remembering
from chaguan.people.selectors.names import names_of
from chaguan.playbooks.actions.preview_paper import on_paper
from chaguan.playbooks.actions.preview_people import Entry, PlannedForAll
from chaguan.playbooks.actions.preview_play import Act, Play
from chaguan.playbooks.actions.preview_types import Planned, Preview, PreviewLine
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.document import Playbook, Track
from chaguan.playbooks.engine.catalogue import document_of, rehearsal
from chaguan.playbooks.engine.enrolling import Arrival, enrol
from chaguan.playbooks.engine.likeness import Likeness, standing_in
from chaguan.playbooks.engine.planning import lay_out
from chaguan.playbooks.models import Run
from chaguan.playbooks.roles import Person, proposed, roles_needed
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.types import TrackKind

__all__ = ["Act", "Planned", "Preview", "PreviewLine", "preview_run"]
NAMED = 3  # people a line names
ROUNDS = 5  # a kind may fall apart when time changes how a condition answers


def preview_run(
    actor: Actor,
    edition_id: int,
    community_id: int,
    start: Start,
    *,
    now: datetime,
    days: int = 30,
    examples: Sequence[int] = (),
    acts: Sequence[Act] = (),
) -> Preview:
    """Play a run through on paper, for at most `days` days; nothing stays.

    Tracks that people enter later are shown with the members `examples`, or with one of the community,
    as if they entered when the run starts. `acts` are what people are taken to do meanwhile. Roles nobody
    holds and values nobody gave are listed; the texts show the variables' examples.

    Raises: Refused, Missing, Invalid, as start_run.
    """
    document = document_of(edition_id)
    filled, roles, values = _filled(document, community_id, start)
    draft = _draft(actor, edition_id, community_id, start)
    coming = _coming_later(document, community_id, examples)
    doing: dict[int, tuple[Act, ...]] = {}
    for act in acts:
        doing[act.member_id] = (*doing.get(act.member_id, ()), act)
    alike = {pk: tuple((act.fact, act.at) for act in mine) for pk, mine in doing.items()}
    likeness = Likeness(draft, document, now, acts=alike, apart=coming)
    for _round in range(ROUNDS):
        kinds = likeness.kinds()
        told = [act for act in acts if act.member_id in kinds]
        paper = on_paper(document, community_id, kinds, now)
        with standing_in(kinds) as instants, rehearsal(), remembering(), paper:
            run = start_run(actor, edition_id, community_id, filled, now=now)
            _enter_later(run, document, coming, now)
            end = max(now, run.starts_at) + timedelta(days=days)
            lay_out(run, document, since=run.starts_on, until=end.date() + timedelta(days=1))
            play = Play(run, told)
            is_cut = play.live(now, end)
            entries = play.entries()  # reads the community too: the run will be gone
        if not likeness.refine(instants):
            break
    planned = PlannedForAll(
        [replace(e, kind=kinds.get(e.planned.member_id or 0, ())) for e in entries], run
    )
    lines = _lines(document, planned.entries)
    return Preview(lines, planned, roles, values, is_cut, run.zone)


def _draft(actor: Actor, edition_id: int, community_id: int, start: Start) -> Run:
    """The run as far as it decides who is alike. Raises Missing."""
    community = communities_visible_to(actor, Right.RUN_PLAYBOOKS).filter(pk=community_id).first()
    if community is None:
        raise Missing
    return Run(
        edition_id=edition_id,
        community_id=community_id,
        zone=community.timezone,
        starts_on=start.starts_on,
    )


def _coming_later(document: Playbook, community_id: int, examples: Sequence[int]) -> list[int]:
    """Who is shown on tracks that people enter after the start."""
    if not any(_is_entered_later(track) for track in document.tracks):
        return []
    inside = people_inside().filter(community_id=community_id).order_by("id")
    return list(examples) or list(inside.values_list("member_id", flat=True)[:1])


def _is_entered_later(track: Track) -> bool:
    return bool(track.kind == TrackKind.PERSONAL and track.entry and track.entry.at != "start")


def _enter_later(run: Run, document: Playbook, members: Sequence[int], now: datetime) -> None:
    entered_s = max(seconds(now), seconds(run.starts_at))
    for track in document.tracks:
        if _is_entered_later(track):
            enrol(run, document, track, [Arrival(pk, entered_s) for pk in members])


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


def _lines(document: Playbook, entries: Sequence[Entry]) -> list[PreviewLine]:
    """The timeline: entries of one step at one instant with one fate are one line."""
    together: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        one = entry.planned
        key = (one.at, one.step, one.kind, one.state, one.held_for, one.reason)
        together.setdefault(key, []).append(entry)
    names = names_of({pk for mine in together.values() for pk in _first(mine)})
    return _with_hands([_line(document, mine, names) for mine in together.values()])


def _with_hands(lines: Sequence[PreviewLine]) -> list[PreviewLine]:
    """A prepared message and the work of sending it are one thing: the message says whose and how long."""
    work = {(line.step, line.due_at): line for line in lines if line.kind == "assignment"}
    told: set[tuple[str, datetime]] = set()
    found = []
    for line in lines:
        key = (line.step, line.due_at)
        hand = work.get(key)
        if hand is not None and line.state == "awaiting_person":
            minutes = 0 if key in told else hand.minutes
            line = replace(line, role=hand.role, minutes=minutes)
            told.add(key)
        found.append(line)
    return [
        line for line in found if line.kind != "assignment" or (line.step, line.due_at) not in told
    ]


def _first(entries: Sequence[Entry]) -> list[int]:
    return [pk for entry in entries[:NAMED] for pk in entry.kind[:NAMED]][:NAMED]


def _line(document: Playbook, entries: Sequence[Entry], names: Mapping[int, str]) -> PreviewLine:
    first, step = entries[0].planned, document.step(entries[0].planned.step)
    recipients = sum(entry.count for entry in entries)
    return PreviewLine(
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
        recipients=recipients,
        names=tuple(names[pk] for pk in _first(entries) if pk in names),
        text=next((entry.planned.text for entry in entries if entry.planned.text), ""),
        minutes=step.minutes * recipients if first.kind == "assignment" else 0,
        kinds=tuple(entry.kind for entry in entries if entry.kind),
    )
