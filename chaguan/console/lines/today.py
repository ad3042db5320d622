"""Today's sheet as the page shows it: what waits, what comes next, what to watch, what is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.timezone import get_current_timezone

from chaguan.channels.selectors.sending import outbox_visible_to
from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.selectors.addresses import addresses_of_rooms
from chaguan.communities.selectors.warnings import warnings_for
from chaguan.communities.types import Right
from chaguan.console.lines.outbox import OutboxLine, outbox_lines
from chaguan.console.lines.playbooks import role_words
from chaguan.console.lines.pushes import rest_sentence
from chaguan.insights.selectors.health import WORST_FIRST, Health, health_of, kept_health
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.selectors.broadcasts import as_heard, broadcasts_to_decide
from chaguan.playbooks.selectors.coming import steps_to_come
from chaguan.playbooks.selectors.pushes import push_rests
from chaguan.playbooks.selectors.reports_kept import open_troubles
from chaguan.playbooks.selectors.reviews import reviews_owed
from chaguan.playbooks.selectors.sheet_steps import SheetPile, together, ways_of
from chaguan.playbooks.selectors.sheets import (
    SheetLine,
    approvals_for,
    lines_of,
    on_nobodys_sheet,
    sheet_of,
    with_pictures,
)

if TYPE_CHECKING:
    from chaguan.playbooks.models import Broadcast, Run, Trouble

State = OutboxRow.State
SHOWN, LOOKED_AT = 8, 400
LOOKS = {"upcoming": "planned", "open": "waiting", "late": "late", "done": "done"}
WORRIES = [state for state in WORST_FIRST if state != "lively"]


@dataclass(frozen=True)
class Duty:
    """One line of the sheet that a person can act on. `way`: how it is done, as in `ways_of`."""

    line: SheetLine
    look: str
    way: str
    has_picture: bool = False

    @property
    def pk(self) -> int:
        return self.line.assignment.pk if self.line.assignment else 0


@dataclass(frozen=True)
class Heap:
    """Lines of one step that are done the same way. `duty` is the first, and the only one of a heap of one."""

    pile: SheetPile
    duty: Duty


@dataclass(frozen=True)
class Coming:
    """Something that will happen by itself or that the sheet has for later."""

    due_at: datetime
    title: str
    where: str
    amount: int
    is_mine: bool
    row_id: int | None = None
    run_id: int | None = None  # a step of a room, with its code and who does it
    code: str = ""
    who: str = ""


@dataclass(frozen=True)
class Worry:
    """A community to look after: how it is, why, what could be done."""

    name: str
    slug: str
    health: Health


@dataclass(frozen=True)
class Warned:
    """A warning about a community, with the page where something can be done about it."""

    sentence: str
    url: str


@dataclass(frozen=True)
class Sheet:
    """The whole page."""

    duties: list[Duty]
    messages: list[OutboxLine]
    messages_total: int
    coming: list[Coming]
    worries: list[Worry]
    warnings: list[Warned]
    heaps: list[Heap] = field(default_factory=list)  # the duties, one entry per step
    missed: list[Heap] = field(default_factory=list)  # prepared, and nobody agreed in time
    done: list[Heap] = field(default_factory=list)
    to_approve: list[Heap] = field(default_factory=list)  # colleagues' sensitive messages
    reports: list[tuple[str, str]] = field(default_factory=list)  # name and slug of a daily report
    reviews: list[Run] = field(default_factory=list)  # runs that are over and wait to be closed
    troubles: list[Trouble] = field(default_factory=list)  # exceptions until they are closed
    # Colleagues' promotions for many rooms, each with the first community and what it would hear.
    broadcasts: list[tuple[Broadcast, str, str]] = field(default_factory=list)

    @property
    def missed_amount(self) -> int:
        return sum(heap.pile.amount for heap in self.missed)

    @property
    def approvals(self) -> int:
        """How many lines wait for this person as the second one."""
        return sum(heap.pile.amount for heap in self.to_approve)


def sheet_for(actor: Actor, now: datetime) -> Sheet:
    """Read everything. Queries: about 15, whatever the number of lines."""
    zone = get_current_timezone()
    day = now.astimezone(zone)
    lines = sheet_of(actor, day.date(), zone, now=now)
    given = duties(lines, actor)
    asked = duties(lines_of(approvals_for(actor), now=now), actor)
    rows = outbox_visible_to(actor, Right.DECIDE_OUTBOX)
    waiting = on_nobodys_sheet(rows.filter(state__in=[State.UNKNOWN, State.AWAITING_PERSON]))
    total = waiting.order_by()[:100].count()
    done = [duty for duty in given if duty.look not in ("waiting", "late", "expired")]
    waits = [duty for duty in given if duty.look in ("waiting", "late")]
    urgent = list(waiting.order_by("-state", "due_at", "id")[:SHOWN]) if total else []
    return Sheet(
        duties=waits,
        heaps=heaps(waits),
        messages=outbox_lines(urgent, actor, now),
        messages_total=total,
        coming=_coming(lines, actor, now, day.replace(hour=0, minute=0) + timedelta(days=1)),
        worries=_worries(actor),
        warnings=_warnings(actor, now),
        missed=heaps([duty for duty in given if duty.look == "expired"]),
        done=heaps(done),
        to_approve=heaps([duty for duty in asked if duty.way == "approve"]),
        reports=_reports(actor, {duty.line.community_id for duty in done}),
        reviews=list(reviews_owed(actor, until=now)[:SHOWN]),
        troubles=list(open_troubles(actor)[:SHOWN]),
        broadcasts=as_heard(list(broadcasts_to_decide(actor, now)[:SHOWN])),
    )


def _reports(actor: Actor, community_ids: Collection[int]) -> list[tuple[str, str]]:
    """The communities whose daily report tells what was done here. Queries: at most 1."""
    if not community_ids:
        return []
    seen = communities_visible_to(actor, Right.VIEW_REPORTS).filter(pk__in=community_ids)
    return list(seen.order_by("name").values_list("name", "slug"))


def duties(lines: Sequence[SheetLine], actor: Actor) -> list[Duty]:
    """The lines that stand for an assignment, with the way each is done. Queries: at most 2."""
    given = [line for line in lines if line.assignment is not None]
    ways = ways_of(given, actor)
    ids = [line.assignment.pk for line in given if line.assignment]
    pictures = with_pictures(ids) if ids else set()
    return [
        Duty(
            line,
            LOOKS.get(line.state, line.state),
            ways[line.assignment.pk],
            line.assignment.pk in pictures,
        )
        for line in sorted(given, key=lambda line: line.due_at)
        if line.assignment is not None
    ]


def heaps(given: Sequence[Duty]) -> list[Heap]:
    """What is alike as one entry; the order of its first line stays. No query."""
    by_id = {duty.pk: duty for duty in given}
    piles = together([duty.line for duty in given], {pk: duty.way for pk, duty in by_id.items()})
    return [Heap(pile, by_id[pile.first.assignment.pk]) for pile in piles if pile.first.assignment]


def _coming(
    lines: Sequence[SheetLine], actor: Actor, now: datetime, until: datetime
) -> list[Coming]:
    """What the sheet has for later, and what goes out by itself today; many alike count as one."""
    found = [
        Coming(line.due_at, line.step.title, line.community, 1, is_mine=True)
        for line in lines
        if line.state == "upcoming"
    ]
    planned = outbox_visible_to(actor).filter(
        state=State.PLANNED, due_at__gte=now - timedelta(minutes=5), due_at__lt=until
    )
    rows = list(planned.order_by("due_at", "id")[:LOOKED_AT])
    alike = Counter((row.due_at, row.community_id, row.kind, row.purpose) for row in rows)
    first = {(row.due_at, row.community_id, row.kind, row.purpose): row for row in rows[::-1]}
    keys = sorted(alike, key=lambda key: key[0])[:SHOWN]
    names = dict(
        communities_visible_to(actor)
        .filter(pk__in={key[1] for key in keys if key[1] is not None})
        .values_list("pk", "name")
    )
    rooms = addresses_of_rooms(
        {room_id for key in keys if (room_id := first[key].room_id) is not None}
    )
    for key in keys:
        row = first[key]
        room = rooms[row.room_id].name if row.room_id in rooms else ""
        where = names.get(row.community_id or 0, "") or room
        title = row.purpose or str(row.payload.get("text", ""))[:40] or room
        found.append(Coming(row.due_at, title, where, alike[key], is_mine=False, row_id=row.pk))
    found += _steps(lines, actor, now, until)
    return sorted(found, key=lambda one: one.due_at)[:SHOWN]


def _steps(
    lines: Sequence[SheetLine], actor: Actor, now: datetime, until: datetime
) -> list[Coming]:
    """Steps of rooms that are still to come and not on one's own sheet. Queries: 1."""
    mine = {line.occurrence.pk for line in lines if line.occurrence is not None}
    return [
        Coming(
            one.due_at,
            one.step.title,
            one.community,
            1,
            is_mine=False,
            run_id=one.run_id,
            code=one.step.code,
            who=role_words(one.step.actor),
        )
        for one in steps_to_come(actor, now, until, besides=mine, limit=SHOWN)
    ]


def _warnings(actor: Actor, now: datetime) -> list[Warned]:
    """What communities call attention to: promotions that rest, their end, mixture, age. Queries: 4."""
    found = warnings_for(actor, now)[:SHOWN]
    ids = {warning.community_id for warning in found}
    slugs = dict(communities_visible_to(actor).filter(pk__in=ids).values_list("pk", "slug"))
    rests = [
        Warned(rest_sentence(rest), reverse("console:community-items", args=[rest.community.slug]))
        for rest in push_rests(actor)[:SHOWN]
    ]
    return rests + [
        Warned(
            str(one.sentence),
            reverse(
                "console:community-period"
                if one.code == "period"
                else "console:community-settings",
                args=[slugs[one.community_id]],
            ),
        )
        for one in found
        if one.community_id in slugs
    ]


def _worries(actor: Actor) -> list[Worry]:
    """Communities that are not well, those that can still be helped first. Queries: 3."""
    rows = kept_health(actor).filter(state__in=WORRIES).exclude(community__phase="closed")
    found = list(rows.order_by("-since").values_list("community_id", "state")[:LOOKED_AT])
    found.sort(key=lambda one: WORRIES.index(one[1]))
    ids = [pk for pk, _state in found[:SHOWN]]
    health = health_of(actor, ids) if ids else {}
    names = {
        pk: (name, slug)
        for pk, name, slug in communities_visible_to(actor)
        .filter(pk__in=ids)
        .values_list("pk", "name", "slug")
    }
    return [Worry(*names[pk], health[pk]) for pk in ids if pk in names and pk in health]
