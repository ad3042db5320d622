"""The library: playbooks and their editions, wordings and where they are used."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from chaguan.communities.selectors.rights import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.playbooks.document import Phase
from chaguan.playbooks.document import Playbook as PlaybookDocument
from chaguan.playbooks.document import Step as StepDocument
from chaguan.playbooks.engine.catalogue import document_of, steps_of
from chaguan.playbooks.models import Edition, Playbook, Run, Script, Step
from chaguan.playbooks.offsets import Day, Delta, Moment, Recurring, Repeat, Rule, Span
from chaguan.playbooks.types import RunState, TrackKind


def playbooks_visible_to(actor: Actor, community_type: str = "") -> QuerySet[Playbook]:
    """Playbooks of the house, for everybody who runs, edits or works on them; with `open_runs` counted.

    With `community_type` only those that fit it. Each has `current` loaded.
    """
    may = any(
        has_right_somewhere(actor, right)
        for right in (Right.RUN_PLAYBOOKS, Right.EDIT_PLAYBOOKS, Right.VIEW_COMMUNITY)
    )
    if not may:
        return Playbook.objects.none()
    rows = Playbook.objects.filter(is_archived=False, current__isnull=False)
    if community_type:
        fitting = [
            pk
            for pk, types in rows.values_list("pk", "types")
            if not types or community_type in types
        ]
        rows = rows.filter(pk__in=fitting)
    open_runs = Q(editions__runs__state__in=[RunState.RUNNING, RunState.PAUSED])
    return (
        rows.select_related("current")
        .annotate(open_runs=Count("editions__runs", filter=open_runs, distinct=True))
        .order_by("title", "pk")
    )


def archived_playbooks(actor: Actor) -> QuerySet[Playbook]:
    """What was put away, for those who edit playbooks; its editions stay for their runs."""
    if not has_right_somewhere(actor, Right.EDIT_PLAYBOOKS):
        return Playbook.objects.none()
    rows = Playbook.objects.filter(Exists(Edition.objects.filter(playbook=OuterRef("pk"))))
    return rows.filter(is_archived=True).order_by("title", "pk")


def editions_visible_to(actor: Actor) -> QuerySet[Edition]:
    """Editions of the visible playbooks, newest first."""
    visible = playbooks_visible_to(actor).order_by().values("pk")
    return (
        Edition.objects.filter(playbook__in=visible).select_related("playbook").order_by("-number")
    )


def document_in(edition: Edition) -> PlaybookDocument:
    """The document of an edition, read once and kept."""
    return document_of(edition.pk)


def lead_days(document: PlaybookDocument) -> int:
    """How many days before the first day its earliest step comes: what a start has to allow for."""
    earliest = 0
    for step in document.steps:
        for moment in step.moment.moments:
            if isinstance(moment, Day) and moment.base == "D":
                earliest = min(earliest, moment.n)
            elif isinstance(moment, Span) and moment.base == "D":
                earliest = min(earliest, moment.first)
            elif isinstance(moment, Delta) and moment.base == "H":
                earliest = min(earliest, moment.seconds // 86400)
    return -earliest


@dataclass(frozen=True)
class Card:
    """One step in one cell of an edition's board."""

    row: Step
    step: StepDocument
    time: str  # 08:00, +5m or the offset itself


@dataclass(frozen=True)
class Lane:
    """One track on the board."""

    key: str
    title: str
    is_personal: bool
    cells: Sequence[Sequence[Card]]  # one per column


@dataclass(frozen=True)
class Column:
    """One column: a day of the run (or of the person), a rule of the calendar, or triggers."""

    key: str
    label: str  # D3 · calendar · trigger …; screens say it in words
    day: int | None


@dataclass(frozen=True)
class Board:
    """An edition as days × tracks."""

    columns: Sequence[Column]
    lanes: Sequence[Lane]
    phases: Sequence[Phase]


def edition_board(edition: Edition) -> Board:
    """Lay an edition out as days × tracks. A step on five days stands in five columns. Queries: ≤ 2."""
    document = document_of(edition.pk)
    known = steps_of(edition.pk)
    placed: dict[tuple[str, str], list[Card]] = {}
    columns: dict[str, Column] = {}
    for entry in known.values():
        for moment in entry.document.moment.moments:
            column, text = column_of(moment, entry.document.offset)
            columns.setdefault(column.key, column)
            cards = placed.setdefault((entry.row.track, column.key), [])
            if all(card.row.pk != entry.row.pk for card in cards):
                cards.append(Card(entry.row, entry.document, text))
    ordered = sorted(columns.values(), key=column_order)
    lanes = [
        Lane(
            track.key,
            track.title,
            track.kind == TrackKind.PERSONAL,
            [
                sorted(placed.get((track.key, column.key), []), key=lambda card: card.time)
                for column in ordered
            ],
        )
        for track in document.tracks
    ]
    return Board(ordered, lanes, document.phases)


def column_order(column: Column) -> tuple[int, int, str]:
    rank = {"day": 0, "calendar": 1, "trigger": 2}.get(column.key.split(":")[0], 3)
    return rank, column.day if column.day is not None else 0, column.key


def column_of(moment: Moment, offset: str) -> tuple[Column, str]:
    if isinstance(moment, Day):
        return _day_column(moment.base, moment.n), f"{moment.at:%H:%M}"
    if isinstance(moment, Span):
        return _day_column(moment.base, moment.first), f"{moment.opens:%H:%M}"
    if isinstance(moment, Delta):
        return _day_column(moment.base, moment.seconds // 86400), offset
    if isinstance(moment, Repeat):
        return _day_column(moment.first.base, moment.first.seconds // 86400), offset
    if isinstance(moment, Recurring | Rule):
        return Column("calendar", "calendar", None), f"{moment.at:%H:%M}"
    return Column("trigger", "trigger", None), offset


def _day_column(base: str, n: int) -> Column:
    """D, P, J, H and T share the day columns of their track; E counts around the event."""
    if base == "E":
        return Column(f"day:E{n:+d}", f"E{n:+d}d" if n else "E", n)
    number = n + 1 if n >= 0 else n
    return Column(f"day:{number}", f"D{number}", number)


def scripts_visible_to(actor: Actor) -> QuerySet[Script]:
    """Wordings, for everybody who runs or edits playbooks; with `times_used` in current editions."""
    if not (
        has_right_somewhere(actor, Right.RUN_PLAYBOOKS)
        or has_right_somewhere(actor, Right.EDIT_PLAYBOOKS)
    ):
        return Script.objects.none()
    current = Playbook.objects.filter(current=OuterRef("uses__edition"))
    return (
        Script.objects.select_related("current")
        .annotate(times_used=Count("uses", filter=Q(Exists(current)), distinct=True))
        .order_by("title", "pk")
    )


def where_used(script_id: int) -> QuerySet[Step]:
    """The steps that say this wording: in current editions, and in editions that still run."""
    running = Run.objects.filter(
        edition=OuterRef("edition"), state__in=[RunState.RUNNING, RunState.PAUSED]
    )
    current = Playbook.objects.filter(current=OuterRef("edition"))
    return (
        Step.objects.filter(script_id=script_id)
        .filter(Exists(running) | Exists(current))
        .select_related("edition__playbook")
        .order_by("edition__playbook__title", "edition__number", "place")
    )
