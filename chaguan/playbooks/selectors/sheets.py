"""Today's sheet (日常工作执行表): one person, one day, all communities, by time."""

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.rights import community_ids_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.document import Step as StepDocument
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.models import Assignment, Occurrence, ProofImage, RunRole
from chaguan.playbooks.schedule import local_instant
from chaguan.playbooks.types import AssignmentState, RunState, StepState


@dataclass(frozen=True)
class SheetLine:
    """One line: an assignment, or a dated step of the day that has not come yet (`assignment` None).

    `text` is what the system prepared; empty for steps that must stay human.
    """

    due_at: datetime
    community: str
    community_id: int
    step: StepDocument
    role: str
    state: str  # upcoming | open | late | done | skipped | cancelled
    run_id: int
    assignment: Assignment | None
    occurrence: Occurrence | None
    about: str
    text: str

    @property
    def purpose(self) -> str:
        return self.step.purpose


def assignments_visible_to(actor: Actor) -> QuerySet[Assignment]:
    """One's own, and those of the communities where one runs playbooks; by due time."""
    rows = Assignment.objects.select_related("community", "run", "about").order_by("due_at", "id")
    ids = community_ids_with(actor, Right.RUN_PLAYBOOKS)
    if ids is None:
        return rows
    return rows.filter(_mine(actor) | Q(community_id__in=ids))


def assignments_of(actor: Actor) -> QuerySet[Assignment]:
    """The acting person's own assignments, by due time and community."""
    rows = Assignment.objects.select_related("community", "run", "about")
    return rows.filter(_mine(actor)).order_by("due_at", "community_id", "id")


def approvals_for(actor: Actor, *, limit: int = 1000) -> list[Assignment]:
    """Sensitive lines of the communities where one runs playbooks, started by somebody else; oldest first.

    One's own lines are left out: they stand on one's sheet anyway.
    """
    return list(approvals_visible_to(actor).order_by("due_at", "id")[:limit])


def approvals_visible_to(actor: Actor) -> QuerySet[Assignment]:
    """The lines of `approvals_for`, in no order."""
    ids = community_ids_with(actor, Right.RUN_PLAYBOOKS)
    rows = Assignment.objects.select_related("community", "run", "about").filter(
        state=AssignmentState.OPEN,
        step__needs_approval=True,
        is_late_question=False,
        run__state=RunState.RUNNING,
    )
    if ids is not None:
        rows = rows.filter(community_id__in=ids)
    return rows.exclude(_mine(actor)).exclude(run__by=actor.reference).exclude(outbox_key="")


def on_nobodys_sheet(messages: QuerySet[OutboxRow]) -> QuerySet[OutboxRow]:
    """Without the messages that stand on somebody's sheet already: hers is the yes, and there it is asked for.

    A line for a room has one message per room, whose keys begin with the line's.
    """
    given = Assignment.objects.filter(
        Q(user__isnull=False) | Q(member__isnull=False), state=AssignmentState.OPEN
    ).exclude(outbox_key="")
    key = ExpressionWrapper(OuterRef("key"), output_field=CharField())
    for_rooms = given.filter(outbox_key__endswith="/").alias(message=key)
    return messages.exclude(key__in=given.values("outbox_key")).exclude(
        Exists(for_rooms.filter(message__startswith=F("outbox_key")))
    )


def lines_of(rows: Sequence[Assignment], *, now: datetime) -> list[SheetLine]:
    """Assignments as lines of a sheet, with what was prepared for them. One statement."""
    texts = _texts(rows)
    return [_line(row, texts.get(row.pk, ""), now) for row in rows]


def picture_of(assignment: Assignment) -> ProofImage | None:
    """The picture that proves it; the caller may see the assignment."""
    return ProofImage.objects.filter(assignment=assignment).first()


def with_pictures(assignment_ids: Collection[int]) -> set[int]:
    """Which of these have a picture. One statement."""
    rows = ProofImage.objects.filter(assignment__in=assignment_ids)
    return set(rows.values_list("assignment_id", flat=True))


def _mine(actor: Actor) -> Q:
    if actor.user_id is not None:
        return Q(user_id=actor.user_id)
    if actor.member_id is not None:
        return Q(member_id=actor.member_id)
    return Q(pk__in=())


def sheet_of(actor: Actor, day: date, zone: ZoneInfo, *, now: datetime) -> list[SheetLine]:
    """Everything of the acting person for one day (a local day of `zone`), over all communities, by time.

    Open lines of earlier days come first, as late. Queries: 4, whatever the number of lines.
    """
    begin = local_instant(day, time(), zone)
    end = local_instant(day + timedelta(days=1), time(), zone)
    today = Q(due_at__gte=begin, due_at__lt=end)
    overdue = Q(due_at__lt=begin, state=AssignmentState.OPEN)
    rows = list(assignments_of(actor).filter(today | overdue))
    lines = lines_of(rows, now=now)
    lines += _upcoming(actor, begin, end)
    return sorted(lines, key=lambda line: (line.due_at, line.step.id))


def _line(row: Assignment, text: str, now: datetime) -> SheetLine:
    state = str(row.state)
    if row.state == AssignmentState.OPEN and (row.closes_at or row.due_at) < now - timedelta(
        hours=1
    ):
        state = "late"
    return SheetLine(
        due_at=row.due_at,
        community=row.community.name,
        community_id=row.community_id,
        step=known_step(row.step_id).document,
        role=row.role,
        state=state,
        run_id=row.run_id,
        assignment=row,
        occurrence=None,
        about=row.about.name if row.about else "",
        text=text,
    )


def _texts(rows: Sequence[Assignment]) -> dict[int, str]:
    """What was prepared for each line: the first message of its key. One statement."""
    wanted = {row.outbox_key: row.pk for row in rows if row.outbox_key}
    if not wanted:
        return {}
    stems = [key for key in wanted if key.endswith("/")]  # a dated step's: one line, many messages
    which = Q(key__in=[key for key in wanted if not key.endswith("/")])
    for key in stems[:500]:
        which |= Q(key__gte=key, key__lt=f"{key}~")
    found: dict[int, str] = {}
    for key, text in all_rows().filter(which).order_by("id").values_list("key", "text"):
        head = key if key in wanted else f"{key.rpartition('/')[0]}/"
        if head in wanted:
            found.setdefault(wanted[head], text)
    return found


def _upcoming(actor: Actor, begin: datetime, end: datetime) -> list[SheetLine]:
    """Dated steps of the day that have not come yet and whose role the person holds."""
    held = _mine(actor) & Q(run__state=RunState.RUNNING)
    roles = {
        (run_id, role)
        for run_id, role in RunRole.objects.filter(held).values_list("run_id", "role")
    }
    if not roles:
        return []
    rows = Occurrence.objects.filter(
        run_id__in={run_id for run_id, _role in roles},
        state=StepState.WAITING,
        due_at__gte=begin,
        due_at__lt=end,
    ).select_related("run__community")
    lines = []
    for row in rows:
        known = known_step(row.step_id)
        role = "operator" if known.row.actor in ("system", "member") else known.row.actor
        is_for_person = (
            known.row.mode != "auto" or known.row.kind == "assign" or known.row.needs_approval
        )
        if is_for_person and not known.row.needs and (row.run_id, role) in roles:
            lines.append(
                SheetLine(
                    due_at=row.due_at,
                    community=row.run.community.name,
                    community_id=row.run.community_id,
                    step=known.document,
                    role=role,
                    state="upcoming",
                    run_id=row.run_id,
                    assignment=None,
                    occurrence=row,
                    about="",
                    text="",
                )
            )
    return lines


CSV_COLUMNS = (
    _("Time"),
    _("Community"),
    _("Step"),
    _("Title"),
    _("Purpose"),
    _("About"),
    _("State"),
    _("Note"),
    _("Proof"),
)


def sheet_csv(lines: Iterable[SheetLine], zone: ZoneInfo) -> str:
    """The sheet for a spreadsheet. Cells that a spreadsheet would read as a formula get a leading quote."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([str(word) for word in CSV_COLUMNS])
    for line in lines:
        given = line.assignment
        cells = (
            f"{line.due_at.astimezone(zone):%Y-%m-%d %H:%M}",
            line.community,
            line.step.id,
            line.step.title,
            line.step.purpose,
            line.about,
            line.state,
            given.note if given else "",
            given.proof if given else "",
        )
        writer.writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
