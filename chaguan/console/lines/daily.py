"""The daily report as the page shows it: names instead of references, looks instead of states, and a table."""

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.communities.selectors.addresses import addresses_of_rooms
from chaguan.console.lines.actors import actor_names
from chaguan.console.lines.outbox_words import KINDS, LOOKS, REASONS
from chaguan.console.lines.playbooks import role_words
from chaguan.insights.selectors.answers import series
from chaguan.insights.selectors.questions import Range
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.selectors.reports import DailyReport, ReportLine, ReportMessages, by_step
from chaguan.ui.csv_files import safe_row
from chaguan.ui.states import state_look

State = OutboxRow.State
NOTES = 3  # different notes shown for one step before it is opened
FIGURES = ("messages", "dau", "joins", "leaves")
LINE_LOOKS = {"open": "planned"}  # the other states of a line are codes of ui.states themselves
DOUBTFUL = (State.UNKNOWN, State.FAILED, State.AWAITING_PERSON)
HELD = (State.SUPPRESSED, State.EXPIRED, State.CANCELLED)
STEP_REASONS: dict[str, str | Promise] = {
    "condition": gettext_lazy("Its condition was not met."),
    "late": gettext_lazy("Its time was over."),
    "paused": gettext_lazy("The run was paused."),
}
COLUMNS = (
    gettext_lazy("Section"),
    gettext_lazy("Time"),
    gettext_lazy("Title"),
    gettext_lazy("Who"),
    gettext_lazy("About"),
    gettext_lazy("State"),
    gettext_lazy("Note or reason"),
    gettext_lazy("Proof"),
    gettext_lazy("Amount"),
)


@dataclass(frozen=True)
class DayLine:
    """One step of the day with its look, who it was, and why."""

    line: ReportLine
    look: str
    who: str
    note: str

    @property
    def has_link(self) -> bool:
        """Whether the proof is an address one can open."""
        return self.line.proof.startswith(("https://", "http://"))


@dataclass(frozen=True)
class DayStep:
    """One step of the day for as many people as it was done: what is alike stands once and opens."""

    lines: Sequence[DayLine]

    @property
    def first(self) -> DayLine:
        return self.lines[0]

    @property
    def amount(self) -> int:
        return len(self.lines)

    @property
    def notes(self) -> list[tuple[str, int]]:
        """What was noted, the most frequent words first."""
        return Counter(one.note for one in self.lines if one.note).most_common(NOTES)

    @property
    def last_at(self) -> datetime:
        return max(one.line.at for one in self.lines)


@dataclass(frozen=True)
class DayMessages:
    """Messages that are alike, with their look, where they went, and why they did not.

    `row_id` leads to the message where it is only one.
    """

    at: datetime
    look: str
    title: str
    where: str
    reason: str
    amount: int
    row_id: int | None


@dataclass(frozen=True)
class DayFigure:
    """One number of the day, with its formula for hovering."""

    label: str
    value: int
    hint: str


@dataclass(frozen=True)
class DayPage:
    """Everything on the page."""

    done: Sequence[DayStep]
    left_out: Sequence[DayStep]
    unfinished: Sequence[DayStep]
    messages: Sequence[DayMessages]
    sent: int
    doubtful: int
    held: int
    to_come: int


def day_page(report: DailyReport) -> DayPage:
    """Give a report its names. Queries: at most 3."""
    lines = [*report.done, *report.left_out, *report.unfinished]
    names = actor_names({line.who for line in lines if line.who})
    rooms = addresses_of_rooms({one.room_id for one in report.messages if one.room_id is not None})
    room_names = {pk: room.name for pk, room in rooms.items()}
    return DayPage(
        done=_steps(report.done, names),
        left_out=_steps(report.left_out, names),
        unfinished=_steps(report.unfinished, names),
        messages=_in_rooms([_alike(one, room_names) for one in report.messages]),
        sent=report.amount(State.SENT),
        doubtful=report.amount(*DOUBTFUL),
        held=report.amount(*HELD),
        to_come=report.amount(State.PLANNED, State.CLAIMED),
    )


def _steps(lines: Sequence[ReportLine], names: dict[str, str]) -> list[DayStep]:
    return [DayStep([_line(line, names) for line in alike]) for alike in by_step(lines)]


def _line(line: ReportLine, names: dict[str, str]) -> DayLine:
    is_step = line.assignment is None
    note = str(STEP_REASONS.get(line.note) or REASONS.get(line.note, line.note))
    who = names.get(line.who, "") or role_words(line.role)
    return DayLine(
        line=line,
        look=LINE_LOOKS.get(line.state, line.state),
        who=who,
        note=note if is_step or line.state == "cancelled" else line.note,
    )


def _alike(one: ReportMessages, rooms: dict[int, str]) -> DayMessages:
    kind = str(KINDS.get(one.kind, one.kind))
    is_quiet = one.state in (State.SENT, State.PLANNED) and one.reason != "by_person"
    reason = "" if is_quiet else str(REASONS.get(one.reason, one.reason.replace("_", " ")))
    if one.state == State.UNKNOWN:
        reason = _("It may have been sent. Please look whether it is there.")
    if one.state == State.SENT and one.reason == "by_person":
        reason = _("A person sent it by hand.")
    return DayMessages(
        at=one.at,
        look=LOOKS[one.state],
        title=one.purpose or one.text or kind,
        where=rooms.get(one.room_id or 0, "") or kind,
        reason=reason,
        amount=one.amount,
        row_id=one.row_id if one.amount == 1 else None,
    )


def _in_rooms(messages: Sequence[DayMessages]) -> list[DayMessages]:
    """The same thing said in several rooms at one time is one line that names them."""
    found: dict[tuple[object, ...], DayMessages] = {}
    for one in messages:
        key = (one.at.replace(second=0, microsecond=0), one.look, one.reason, one.title)
        known = found.get(key)
        if known is None:
            found[key] = one
            continue
        where = known.where if one.where == known.where else f"{known.where} · {one.where}"
        amount = known.amount + one.amount
        found[key] = replace(known, where=where, amount=amount, row_id=None)
    return list(found.values())


def day_figures(actor: Actor, community_id: int, day: date) -> list[DayFigure]:
    """How many spoke, came and went on the day."""
    found = [series(actor, code, [community_id], Range(day, day)) for code in FIGURES]
    return [DayFigure(one.label, one.points[0].value, one.formula) for one in found]


def day_csv(page: DayPage, figures: Iterable[DayFigure], report: DailyReport) -> str:
    """The report for a spreadsheet. Cells that it would read as a formula get a leading apostrophe."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([str(word) for word in COLUMNS])
    for cells in _cells(page, figures, ZoneInfo(report.zone)):
        writer.writerow(safe_row(cells))
    return out.getvalue()


def _cells(page: DayPage, figures: Iterable[DayFigure], zone: ZoneInfo) -> Iterator[list[object]]:
    for figure in figures:
        yield [_("Figures"), "", figure.label, "", "", "", "", "", figure.value]
    yield from _line_cells(_("Done"), page.done, zone)
    yield from _line_cells(_("Left out"), page.left_out, zone)
    yield from _line_cells(_("Not done"), page.unfinished, zone)
    for alike in page.messages:
        word = str(state_look(alike.look).word)
        yield [
            _("Messages"), _clock(alike.at, zone), alike.title, alike.where, "", word, alike.reason,
            "", alike.amount,
        ]  # fmt: skip


def _line_cells(section: str, steps: Collection[DayStep], zone: ZoneInfo) -> Iterator[list[object]]:
    """One row per step, person and words: what two hundred people got with the same note is one row."""
    for step in steps:
        by_words: dict[tuple[str, str], list[DayLine]] = {}
        for one in step.lines:
            by_words.setdefault((one.note, one.line.proof), []).append(one)
        for (note, proof), alike in by_words.items():
            line, word = alike[0].line, str(state_look(alike[0].look).word)
            about = "、".join(one.line.about for one in alike if one.line.about)
            yield [
                section, _clock(line.at, zone), line.step.title, alike[0].who, about, word, note,
                proof, len(alike),
            ]  # fmt: skip


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
