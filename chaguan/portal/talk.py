"""How a room's lines are laid out for one reader: days between them, whose line it is, badges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from chaguan.channels.selectors.rooms import Line

GOES_ON = timedelta(minutes=3)


@dataclass(frozen=True)
class Entry:
    """One line as shown. `day` is set on the first line of each day; `at` is in the community's zone."""

    line: Line
    at: datetime
    hour: str
    name: str
    is_mine: bool
    is_machine: bool
    badges: Sequence[str | Promise] = field(default=())
    day: str = ""
    is_more: bool = False  # goes on from the line before: the same person, minutes apart

    @property
    def stamp(self) -> int:
        """Seconds since the epoch: what the script sorts by."""
        return int(self.at.timestamp())

    @property
    def iso(self) -> str:
        return self.at.isoformat(timespec="seconds")


def laid_out(
    lines: Sequence[Line],
    *,
    reader_id: int,
    badges: Mapping[int, Sequence[str | Promise]],
    host_name: str,
    zone: ZoneInfo,
    today: date,
) -> list[Entry]:
    """Lay lines out, oldest first. A line we sent by machine says so."""
    entries: list[Entry] = []
    last_day: date | None = None
    for line in lines:
        at = line.at.astimezone(zone)
        day = at.date()
        is_machine = line.is_bot or line.is_ours
        entries.append(
            Entry(
                line=line,
                at=at,
                hour=f"{at:%H:%M}",
                name=line.name or _machine_name(line, host_name),
                is_mine=line.member_id == reader_id,
                is_machine=is_machine,
                badges=badges.get(line.member_id, ()) if line.member_id else (),
                day=day_words(day, today) if day != last_day else "",
                is_more=_goes_on(entries[-1] if entries else None, line),
            )
        )
        last_day = day
    return entries


def _goes_on(before: Entry | None, line: Line) -> bool:
    """A person who keeps talking needs no new name and face."""
    if before is None or line.member_id is None or line.quote is not None:
        return False
    is_same = before.line.member_id == line.member_id and before.line.kind == line.kind
    return (
        is_same and line.at - before.line.at < GOES_ON and before.line.at.date() == line.at.date()
    )


def _machine_name(line: Line, host_name: str) -> str:
    """Our own automatic lines never pass for the host: they are the host's assistant."""
    if not line.is_ours:
        return _("Somebody")
    return _("Assistant of %(host)s") % {"host": host_name} if host_name else _("Assistant")


def day_words(day: date, today: date) -> str:
    """Today, yesterday, or the date; with the year when it is another one."""
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return date_format(day, _("M j") if day.year == today.year else _("M j, Y"))
