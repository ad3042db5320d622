"""Broadcasts as pages show them: a word and a look for what came of each room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.console.lines.outbox_words import LOOKS, look_of, reason_of
from chaguan.playbooks.selectors.broadcasts import TargetLine

LEFT_OUT: dict[str, str | Promise] = {
    "type_guard": _("The type of this community forbids it."),
    "no_room": _("There is no open room."),
    "closed": _("The community is closed."),
    "draft": _("The community is not open yet."),
}
ORDER = ("unknown", "failed", "waiting", "planned", "running", "held", "sent", "skipped")


@dataclass(frozen=True)
class HeardLine:
    """One room: where, how it stands (a code of ui.states), and why."""

    community: str
    slug: str
    room: str
    look: str
    reason: str | Promise
    row_id: int | None
    text: str

    @property
    def is_open(self) -> bool:
        return self.look in ("planned", "running", "waiting")


def heard_lines(lines: Sequence[TargetLine], now: datetime) -> list[HeardLine]:
    """Rooms that want somebody first, then by community."""
    found = [_line(line, now) for line in lines]
    return sorted(found, key=lambda line: (_rank(line.look), line.community))


def state_counts(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """(look, rooms) in the order of the list; states that look alike are one."""
    looks: dict[str, int] = {}
    for state, count in counts.items():
        look = "skipped" if state == "left_out" else LOOKS.get(state, "planned")
        looks[look] = looks.get(look, 0) + count
    return sorted(looks.items(), key=lambda entry: _rank(entry[0]))


def _rank(look: str) -> int:
    return ORDER.index(look) if look in ORDER else len(ORDER)


def _line(line: TargetLine, now: datetime) -> HeardLine:
    target, row = line.target, line.row
    if row is None:
        reason = target.sentence or LEFT_OUT.get(target.left_out, "")
        if not target.left_out and line.broadcast.state == "waiting":
            reason = _("A colleague has to agree first.")
        look = "skipped" if target.left_out else LOOKS.get(line.state, "planned")
    else:
        reason, look = reason_of(row), look_of(row, now)
    return HeardLine(
        community=target.community.name,
        slug=target.community.slug,
        room=target.room.name if target.room else "",
        look=look,
        reason=reason,
        row_id=row.pk if row else None,
        text=row.text if row else "",
    )
