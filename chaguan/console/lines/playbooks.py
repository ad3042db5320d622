"""Playbooks, previews and runs as pages show them: days, tracks, states and words for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.communities.types import CommunityType
from chaguan.communities.words import TYPE_LABELS
from chaguan.console.lines.offsets import day_words
from chaguan.playbooks.selectors.library import Column
from chaguan.playbooks.selectors.notation import ROLE_NAMES
from chaguan.playbooks.selectors.runs import StepLine
from chaguan.playbooks.types import Mode, RunState

MODES: dict[str, str | Promise] = {
    Mode.AUTO: gettext_lazy("sent by the system"),
    Mode.ASSIST: gettext_lazy("prepared; a person sends it"),
    Mode.HUMAN: gettext_lazy("a person alone"),
}
AUDIENCES: dict[str, str | Promise] = {
    "room": gettext_lazy("the room"),
    "newcomer": gettext_lazy("newcomers"),
    "person": gettext_lazy("each person"),
    "staff": gettext_lazy("staff"),
    "leads": gettext_lazy("leads"),
    "back_room": gettext_lazy("the back room"),
}
RUN_LOOKS = {
    RunState.RUNNING: "running",
    RunState.PAUSED: "held",
    RunState.STOPPED: "cancelled",
    RunState.FINISHED: "done",
}
STEP_LOOKS = {  # a StepLine's word -> a state of ui.states
    "needs": "held",
    "skipped": "skipped",
    "failed": "failed",
    "unknown": "unknown",
    "waiting_person": "waiting",
    "late": "late",
    "held": "held",
    "done": "done",
    "going": "running",
    "waiting": "planned",
    "cancelled": "cancelled",
}
PREVIEW_LOOKS = {
    "sent": "planned",
    "awaiting_person": "waiting",
    "assignment": "waiting",
    "suppressed": "held",
    "expired": "expired",
    "failed": "failed",
    "left_out": "skipped",
}


def audience_words(audience: str) -> str:
    """Whom a step addresses."""
    if audience.startswith("segment:"):
        return _("segment %(name)s") % {"name": audience.removeprefix("segment:")}
    return str(AUDIENCES.get(audience, audience))


def role_words(role: str) -> str:
    """A playbook's role."""
    return str(ROLE_NAMES.get(role, role))


def column_words(column: Column) -> str:
    """The head of a column of the board."""
    if column.key == "calendar":
        return _("By the calendar")
    if column.key == "trigger":
        return _("When something happens")
    if column.label.startswith("E"):
        return _("Event") if not column.day else _("Event %(days)+d d") % {"days": column.day}
    if column.day is not None and column.day < 1:
        return day_words(column.day)
    return _("Day %(day)d") % {"day": column.day or 0}


def type_words(types: Sequence[str]) -> list[str]:
    """The community types a playbook fits; none listed means all."""
    return [str(TYPE_LABELS[CommunityType(code)]) for code in types]


@dataclass(frozen=True)
class BoardLine:
    """One step of a run: its state as shown, when it comes next, its counts."""

    line: StepLine
    look: str
    role: str
    sent: int
    open_rows: int  # messages that may still go
    unsent: int  # messages that did not and will not by themselves


UNSENT = ("suppressed", "expired", "failed")
OVER = ("sent", "cancelled", *UNSENT)


def _amount(line: StepLine, wanted: Callable[[str], bool]) -> int:
    return sum(count for state, count in line.messages.items() if wanted(state))


def board_lines(lines: Sequence[StepLine]) -> list[BoardLine]:
    """The steps of a run with their looks."""
    return [
        BoardLine(
            line=line,
            look=STEP_LOOKS[line.state],
            role=role_words(line.step.actor),
            sent=line.messages.get("sent", 0),
            open_rows=_amount(line, lambda state: state not in OVER),
            unsent=_amount(line, lambda state: state in UNSENT),
        )
        for line in lines
    ]
