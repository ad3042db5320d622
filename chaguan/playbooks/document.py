"""The form of a playbook (剧本) and of a sheet of scripts (话术) as YAML; see docs/howto/playbook-format.md.

Reading is strict: an unknown word, a missing purpose or an unreadable offset is refused with its place.
Nothing an author writes is lost: `load_playbook(dump(document))` equals `document`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chaguan.communities.types import CommunityType
from chaguan.playbooks.offsets import BadOffset, Offset, parse_offset
from chaguan.playbooks.triggers import is_known_trigger, is_working_trigger
from chaguan.playbooks.types import Mode, Role, TrackKind
from chaguan.playbooks.wording import UnreadableText, unknown_variables

FORMAT: Literal["chaguan-playbook/1"] = "chaguan-playbook/1"
SCRIPT_FORMAT: Literal["chaguan-scripts/1"] = "chaguan-scripts/1"
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


class Step(Part):
    """One step: what, when, who, to whom, how, and why."""

    id: StepCode
    title: Line
    track: Code = "room"
    phase: Code | None = None
    offset: OffsetText
    kind: Code
    actor: Role = Role.SYSTEM
    audience: AudienceText = "room"
    mode: Mode = Mode.AUTO
    purpose: Line
    script: Code | None = None
    text: str | None = None
    instruction: str | None = None
    values: dict[Code, str] = Field(default_factory=dict)
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    when: Tree | str | None = None
    after: str | None = None  # WAIT-1.act or WAIT-1.timeout
    lateness: Literal["skip", "send", "ask"] = "skip"
    late_after: SpanText = "6h"
    proof: Literal["none", "note", "link"] = "none"
    checker: Role | None = None
    informed: tuple[Role, ...] = ()
    promotion: bool = False
    urgent: bool = False
    needs_approval: bool = False
    minutes: int = Field(default=0, ge=0, le=480)
    needs: Line | None = None
    src: str | None = None

    @property
    def moment(self) -> Offset:
        return parse_offset(self.offset)


class Playbook(Part):
    """A whole playbook: what a file in `library/` holds and what an edition keeps."""

    format: Literal["chaguan-playbook/1"]
    key: Code
    title: Line
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    licence: Line
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Za-z]{2,8})?$")]
    summary: Annotated[str, Field(max_length=600)] = ""
    purpose: Line
    for_: tuple[CommunityType, ...] = Field(default=(), alias="for")  # empty: all types
    anchor: Literal["run_start", "event", "person_joining"] = "run_start"
    start_time: Annotated[str, Field(pattern=r"^\d\d:\d\d$")] = "10:00"
    days: int | None = Field(default=None, ge=1, le=400)  # None: open-ended
    variables: dict[Code, Variable] = Field(default_factory=dict)
    segments: dict[Code, Tree] = Field(default_factory=dict)
    tracks: tuple[Track, ...] = Field(min_length=1)
    phases: tuple[Phase, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)

    def track(self, key: str) -> Track:
        return next(track for track in self.tracks if track.key == key)

    def step(self, code: str) -> Step:
        return next(step for step in self.steps if step.id == code)

    def faults(self) -> Iterator[tuple[str, str]]:
        """What single fields cannot tell: (place, sentence) for every rule over several parts."""
        for what, keys in (
            ("tracks", [track.key for track in self.tracks]),
            ("phases", [phase.key for phase in self.phases]),
            ("steps", [step.id for step in self.steps]),
        ):
            for key in (key for key, times in Counter(keys).items() if times > 1):
                yield f"{what} › {key}", _("This name is used twice.")
        for step in self.steps:
            for field, sentence in _step_faults(self, step):
                yield f"steps › {step.id} › {field}", sentence
        for track in self.tracks:
            if track.kind == TrackKind.ROOM and (track.entry or track.stop):
                yield f"tracks › {track.key}", _("Only a personal track has an entry and stops.")


class Script(Part):
    """A prepared wording. `variants` say the same in other words; one is chosen per send, evenly."""

    key: Code
    title: Line
    idea: Annotated[str, Field(max_length=400)] = ""
    for_: tuple[CommunityType, ...] = Field(default=(), alias="for")
    stages: tuple[Code, ...] = ()
    variables: dict[Code, Variable] = Field(default_factory=dict)
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    variants: tuple[Annotated[str, Field(min_length=1, max_length=4000)], ...] = ()

    def faults(self) -> Iterator[tuple[str, str]]:
        declared = frozenset(self.variables)
        for place, text in (
            ("text", self.text),
            *((f"variants › {n}", t) for n, t in enumerate(self.variants, 1)),
        ):
            yield from ((f"scripts › {self.key} › {place}", s) for s in text_faults(text, declared))


class ScriptSheet(Part):
    """A file of scripts."""

    format: Literal["chaguan-scripts/1"]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Za-z]{2,8})?$")]
    licence: Line
    scripts: tuple[Script, ...] = Field(min_length=1)

    def faults(self) -> Iterator[tuple[str, str]]:
        for key in (k for k, n in Counter(s.key for s in self.scripts).items() if n > 1):
            yield f"scripts › {key}", _("This name is used twice.")
        for script in self.scripts:
            yield from script.faults()


def text_faults(text: str, declared: frozenset[str]) -> Iterator[str]:
    """Sentences about broken markup and variables that nobody declared."""
    try:
        for name in unknown_variables(text, declared):
            yield _("The variable “%(name)s” is not known; declare it under variables.") % {
                "name": name
            }
    except UnreadableText as error:
        yield str(error)


def _step_faults(playbook: Playbook, step: Step) -> Iterator[tuple[str, str]]:
    tracks = {track.key: track for track in playbook.tracks}
    if step.track not in tracks:
        yield "track", _("There is no track “%(key)s”.") % {"key": step.track}
        return
    if step.phase and step.phase not in {phase.key for phase in playbook.phases}:
        yield "phase", _("There is no phase “%(key)s”.") % {"key": step.phase}
    yield from _time_faults(playbook, step, tracks[step.track])
    yield from _wording_faults(playbook, step)
    for name in (
        step.when,
        step.audience.removeprefix("segment:") if ":" in step.audience else None,
    ):
        if isinstance(name, str) and name not in playbook.segments and not step.needs:
            yield (
                "when" if name == step.when else "audience",
                _(
                    "There is no segment “%(name)s” in this playbook; write it under segments, "
                    "or say under needs what it waits for."
                )
                % {"name": name},
            )


def _time_faults(playbook: Playbook, step: Step, track: Track) -> Iterator[tuple[str, str]]:
    bases = step.moment.bases
    if track.kind == TrackKind.ROOM and bases & {"P", "J"}:
        yield "offset", _("P and J count a person's own days; use them on a personal track.")
    if track.kind == TrackKind.PERSONAL and "calendar" in bases:
        yield (
            "offset",
            _("A personal track counts days; daily, weekly and monthly need a room track."),
        )
    if "E" in bases and playbook.anchor != "event":
        yield "offset", _("E counts from an event; write anchor: event.")
    for name in step.moment.trigger_names:
        if not is_known_trigger(name):
            yield "offset", _("There is no trigger “%(name)s”.") % {"name": name}
        elif not is_working_trigger(name) and not step.needs:
            yield (
                "offset",
                _("Nothing fires “%(name)s” yet; say under needs what the step waits for.")
                % {"name": name},
            )
    if step.after:
        code, _dot, result = step.after.partition(".")
        waits = {other.id for other in playbook.steps if other.kind == "wait_for"}
        if code not in waits or result not in ("act", "timeout"):
            yield "after", _("Write the id of a wait_for step with .act or .timeout behind it.")


def _wording_faults(playbook: Playbook, step: Step) -> Iterator[tuple[str, str]]:
    if step.script and step.text:
        yield "text", _("A step has a script or a text of its own, not both.")
    if step.mode == Mode.HUMAN and (step.script or step.text):
        yield "mode", _("A step that must stay human has no ready text; write an instruction.")
    if step.mode == Mode.HUMAN and step.actor == Role.SYSTEM:
        yield "actor", _("A step that must stay human needs a person as its actor.")
    if step.mode == Mode.ASSIST and step.actor == Role.SYSTEM:
        pass  # the operator approves what the system prepared (touch_plan_7d does this)
    if step.text:
        for sentence in text_faults(step.text, frozenset(playbook.variables) | set(step.values)):
            yield "text", sentence
    for name, value in step.values.items():
        for sentence in text_faults(value, frozenset(playbook.variables)):
            yield f"values › {name}", sentence
