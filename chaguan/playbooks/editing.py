"""What the visual editor does to a draft, as pure functions over the plain values of its text.

Every function changes the values in place; the caller hands in a copy. Values may be half finished.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from chaguan.kernel.errors import Invalid, Missing
from chaguan.playbooks.moments import Day, Delta, Moment, Span
from chaguan.playbooks.offsets import BadOffset, parse_offset
from chaguan.playbooks.types import TrackKind

Values = dict[str, Any]
NEW_STEP: Values = {"kind": "say", "audience": "room", "text": ""}


def parts_of(values: Values, name: str) -> list[Values]:
    """The steps, tracks or phases that are at least mappings."""
    found = values.get(name)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def step_of(values: Values, code: str) -> Values:
    """The step of this id. Raises Missing."""
    for step in parts_of(values, "steps"):
        if str(step.get("id")) == code:
            return step
    raise Missing


def set_fields(part: Values, fields: Mapping[str, Any]) -> None:
    """Set what is given; None takes a field away."""
    for name, value in fields.items():
        if value is None:
            part.pop(name, None)
        else:
            part[name] = value


def change_step(values: Values, code: str, fields: Mapping[str, Any]) -> str:
    """Change fields of a step; returns its id, which may be new. References to the old id follow."""
    step = step_of(values, code)
    fresh = str(fields.get("id") or code)
    if fresh != code and any(str(s.get("id")) == fresh for s in parts_of(values, "steps")):
        raise Invalid(_("Another step is called %(code)s already.") % {"code": fresh})
    set_fields(step, fields)
    if fresh != code:
        for other in parts_of(values, "steps"):
            before, dot, result = str(other.get("after") or "").partition(".")
            if dot and before == code:
                other["after"] = f"{fresh}.{result}"
    return fresh


def add_step(values: Values, *, track: str, offset: str) -> str:
    """A new step at the end of a track's steps, without a purpose yet; returns its id."""
    code = _free_code(values, track)
    is_personal = _kind_of(values, track) == TrackKind.PERSONAL
    step = {"id": code, "title": _("New step"), "track": track, "offset": offset, **NEW_STEP}
    if is_personal:
        step |= {"kind": "touch", "audience": "person"}
    steps = values.get("steps")
    values["steps"] = [*(steps if isinstance(steps, list) else []), step]
    return code


def duplicate_step(values: Values, code: str) -> str:
    """The same step once more, right behind it; returns the new id."""
    step = step_of(values, code)
    fresh = _free_code(values, str(step.get("track", "room")), code)
    place = next(n for n, entry in enumerate(values["steps"]) if entry is step)
    values["steps"] = [
        *values["steps"][: place + 1],
        {**step, "id": fresh},
        *values["steps"][place + 1 :],
    ]
    return fresh


def delete_step(values: Values, code: str) -> None:
    """Take a step out."""
    step = step_of(values, code)
    values["steps"] = [entry for entry in values["steps"] if entry is not step]


def move_step(values: Values, code: str, *, days: int = 0, track: str = "") -> None:
    """Move a step by days, to another track, or both. Raises Invalid where it has no day of its own."""
    step = step_of(values, code)
    offset = str(step.get("offset", ""))
    if days:
        offset = shifted(offset, days)
    if track and track != step.get("track", "room"):
        if track not in {str(part.get("key")) for part in parts_of(values, "tracks")}:
            raise Missing
        step["track"] = track
        if _kind_of(values, track) == TrackKind.ROOM:
            offset = re.sub(r"\bP(?=\d)", "D", offset)
    step["offset"] = offset


def shifted(offset: str, days: int) -> str:
    """The notation moved by whole days: every day of a list or a range. Raises Invalid for other forms."""
    try:
        moments = parse_offset(offset).moments
    except BadOffset as error:
        raise Invalid(str(error)) from None
    moved = [_moved(moment, days) for moment in moments]
    return written_out(moved)


def _moved(moment: Moment, days: int) -> Day | Delta | Span:
    if isinstance(moment, Day) and moment.base != "T":
        floor = 0 if moment.base == "P" else -400
        return Day(moment.base, max(floor, moment.n + days), moment.at)
    if isinstance(moment, Span):
        days = max(days, -moment.first) if moment.base == "P" else days
        first, last = moment.first + days, moment.last + days
        return Span(moment.base, first, last, moment.opens, moment.closes)
    if isinstance(moment, Delta) and moment.base in ("H", "E", "J"):
        seconds = moment.seconds + days * 86400
        if moment.base != "J" or seconds >= 0:
            return Delta(moment.base, seconds)
    raise Invalid(_("This step has no day of its own; change its time in the panel."))


def written_out(moments: Sequence[Day | Delta | Span]) -> str:
    """The notation of these moments; days in a row at one time become a range."""
    words: list[str] = []
    rest = list(moments)
    while rest:
        first = rest.pop(0)
        if isinstance(first, Delta):
            words.append(_delta(first))
        elif isinstance(first, Span):
            days = [_day(first.base, n) for n in (first.first, first.last)]
            words.append("–".join(dict.fromkeys(days)))
        else:
            last = first
            while rest and rest[0] == Day(first.base, last.n + 1, first.at):
                last = rest.pop(0)  # type: ignore[assignment] # equal to a Day
            words.append(_days(first, last))
    return ", ".join(words)


def _days(first: Day, last: Day) -> str:
    ends = dict.fromkeys([_day(first.base, first.n), _day(last.base, last.n)])
    if first.base in ("E", "J") and len(ends) > 1:
        return ", ".join(
            f"{_day(first.base, n)} {first.at:%H:%M}" for n in range(first.n, last.n + 1)
        )
    return f"{'–'.join(ends)} {first.at:%H:%M}"


def _day(base: str, n: int) -> str:
    if base in ("E", "J", "T"):
        return f"{base}{n:+d}d"
    return f"{base}{n + 1 if n >= 0 else n}"


def _delta(moment: Delta) -> str:
    sign, seconds = "-" if moment.seconds < 0 else "+", abs(moment.seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if seconds % size == 0 and (seconds or unit == "h"):
            if moment.base == "H" and unit == "d":
                continue
            return f"{moment.base}{sign}{seconds // size}{'' if moment.base == 'H' and unit == 'h' else unit}"
    raise AssertionError("whole seconds always fit")


def day_notation(base: str, day: int, at: time) -> str:
    """`D3 08:00` from a day as people count it."""
    return f"{base}{day} {at:%H:%M}"


def _kind_of(values: Values, track: str) -> str:
    for part in parts_of(values, "tracks"):
        if part.get("key") == track:
            return str(part.get("kind", TrackKind.ROOM))
    return TrackKind.ROOM


def _free_code(values: Values, track: str, like: str = "") -> str:
    """The next id in the manner of the track's last step: NEW-S07 after NEW-S06."""
    steps = parts_of(values, "steps")
    known = {str(step.get("id")) for step in steps}
    of_track = [str(step.get("id")) for step in steps if step.get("track", "room") == track]
    like = like or (of_track or sorted(known) or ["S-0"])[-1]
    match = re.match(r"^(.*?)(\d+)\D*$", like)
    stem, number, width = (match[1], int(match[2]), len(match[2])) if match else (f"{like}-", 0, 1)
    stem = stem[:24] if stem[:1].isalpha() else "S-"
    while (code := f"{stem}{number:0{width}d}") in known or code == like:
        number += 1
    return code
