"""The form of a playbook (剧本) and of a sheet of scripts (话术) as YAML; see docs/howto/playbook-format.md.

Reading is strict: an unknown word, a missing purpose or an unreadable offset is refused with its place.
Nothing an author writes is lost: `load_playbook(dump(document))` equals `document`.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from chaguan.communities.types import CommunityType, ContentKind
from chaguan.playbooks import document_faults
from chaguan.playbooks.document_faults import text_faults
from chaguan.playbooks.document_parts import (
    AUDIENCES,
    AudienceText,
    Code,
    Entry,
    Holidays,
    Line,
    Next,
    OffsetText,
    OutcomeBar,
    Part,
    Phase,
    SpanText,
    Split,
    StepCode,
    Stop,
    Track,
    Tree,
    Variable,
    seconds_of,
)
from chaguan.playbooks.offsets import Offset, parse_offset
from chaguan.playbooks.types import Mode, Role

__all__ = [
    "AUDIENCES",
    "FORMAT",
    "SCRIPT_FORMAT",
    "Entry",
    "Phase",
    "Playbook",
    "Script",
    "ScriptSheet",
    "SpanText",
    "Split",
    "Step",
    "Stop",
    "Track",
    "Variable",
    "seconds_of",
    "text_faults",
]

FORMAT: Literal["chaguan-playbook/1"] = "chaguan-playbook/1"
SCRIPT_FORMAT: Literal["chaguan-scripts/1"] = "chaguan-scripts/1"


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
    arm: Code | None = None  # only for the people dealt to this arm of the split
    holidays: Holidays | None = None
    lateness: Literal["skip", "send", "ask"] = "skip"
    late_after: SpanText = "6h"
    proof: Literal["none", "note", "link"] = "none"
    checker: Role | None = None
    informed: tuple[Role, ...] = ()
    promotion: bool = False
    intent: Literal["content", "discussion", "sharing", "headquarters"] | None = None
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
    content_kinds: tuple[ContentKind, ...] = ()  # what the community delivers; empty: anything
    anchor: Literal["run_start", "event", "person_joining"] = "run_start"
    start_time: Annotated[str, Field(pattern=r"^\d\d:\d\d$")] = "10:00"
    days: int | None = Field(default=None, ge=1, le=400)  # None: open-ended
    holidays: Holidays | None = None
    variables: dict[Code, Variable] = Field(default_factory=dict)
    segments: dict[Code, Tree] = Field(default_factory=dict)
    split: Split | None = None
    outcome: OutcomeBar | None = None
    then: tuple[Next, ...] = ()
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
        yield from document_faults.faults_of(self)


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
