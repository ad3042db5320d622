"""Small parts of the form of a playbook: plain values with their checks, and what hangs on the head."""

import re
from typing import Annotated, Any, ClassVar, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chaguan.playbooks.offsets import BadOffset, parse_offset
from chaguan.playbooks.types import TrackKind

AUDIENCES = ("room", "newcomer", "person", "staff", "leads", "back_room")
SPAN = re.compile(r"(\d+)([smhd])$")
UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _offset(text: str) -> str:
    try:
        parse_offset(text)
    except BadOffset as error:
        raise ValueError(str(error)) from None
    return text


def _span(text: str) -> str:
    if not SPAN.match(text):
        raise ValueError(_("“%(text)s” is not a span; write 30m, 6h or 2d.") % {"text": text})
    return text


def _audience(text: str) -> str:
    if text not in AUDIENCES and not re.match(r"segment:\S", text):
        raise ValueError(
            _("“%(text)s” is not an audience; there are %(known)s and segment:<name>.")
            % {"text": text, "known": ", ".join(AUDIENCES)}
        )
    return text


def seconds_of(span: str) -> int:
    """`6h` in seconds."""
    match = SPAN.match(span)
    return int(match[1]) * UNIT_S[match[2]] if match else 0


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
StepCode = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]
Line = Annotated[str, Field(min_length=1, max_length=200)]
OffsetText = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_offset)]
SpanText = Annotated[str, AfterValidator(_span)]
AudienceText = Annotated[str, AfterValidator(_audience)]
Tree = dict[str, Any]
Holidays = Literal["keep", "shift", "skip"]


class Part(BaseModel):
    """Base of all parts: immutable, unknown words refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True
    )


class Variable(Part):
    """A value the texts need and a person gives when the run starts. `example` is shown in previews."""

    label: Line
    example: str = ""
    default: str | None = None


class Stop(Part):
    """What takes a person off a personal track: a trigger, with the reason that is kept."""

    on: Line
    reason: Line


class Entry(Part):
    """How a person comes onto a personal track.

    `at`: start (everybody in the audience when the run starts) or a trigger such as new_member.
    `again`: never, each_time, or after a span such as 30d since the last pass.
    """

    at: Line = "start"
    audience: AudienceText = "person"
    when: Tree | str | None = None
    again: str = "never"


class Track(Part):
    """A lane of the timeline: once for the room, or once for each person on it."""

    key: Code
    title: Line
    kind: TrackKind = TrackKind.ROOM
    entry: Entry | None = None
    stop: tuple[Stop, ...] = ()


class Phase(Part):
    """A named stretch of the timeline."""

    key: Code
    title: Line
    purpose: Line


class Arm(Part):
    """One wording or way of a split. People on a personal track are dealt out by the shares."""

    key: Code
    title: Line
    share: int = Field(ge=1, le=99)  # per cent
    control: bool = False  # hears nothing: what happens without us


class Goal(Part):
    """What a split is judged by: a fact about the member within a span of her coming onto the track."""

    fact: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=64)]
    within: SpanText


class Split(Part):
    """An honest comparison: who gets which arm is decided by chance, before anything is said."""

    key: Code
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=6)
    goal: Goal

    def arm(self, key: str) -> Arm:
        return next(arm for arm in self.arms if arm.key == key)


class Next(Part):
    """Where people go when the run ends: the first line that fits them. Without `who`: everybody else."""

    who: Tree | str | None = None
    start: Code
    why: Line


class OutcomeBar(Part):
    """Below one of these a completed run is "done, weak result". Rates are shares of the people on it."""

    reply_rate: float | None = Field(default=None, gt=0, le=1)
    check_in_rate: float | None = Field(default=None, gt=0, le=1)
    rating: float | None = Field(default=None, ge=1, le=5)
