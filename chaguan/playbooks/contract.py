"""What a step kind must do, and the registry of them: one file each in `playbooks/steps/`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict

from chaguan.kernel.registry import Registry

if TYPE_CHECKING:
    from chaguan.playbooks.document import Step


class Fields(BaseModel):
    """Base of what an author writes under `with:`."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class NoFields(Fields):
    """A kind that needs nothing under `with:`."""


TARGET_COLUMNS = (
    "key",  # unique per run, step, moment and target
    "run_id",
    "step_id",
    "enrolment_id",  # NULL on a room track
    "place",  # NULL on a room track
    "occurrence_id",  # NULL on a personal track
    "community_id",
    "room_id",  # NULL where the target is a person
    "member_id",  # NULL where the target is a room
    "connector",
    "account_id",
    "due_s",  # seconds since 1970
    "caused_by",
    "depth",
)


@dataclass(frozen=True)
class Due:
    """One step that is due, as its kind needs it: the row's id and the fields under `with:`."""

    step_id: int
    fields: Any


@dataclass(frozen=True)
class Targets:
    """Everybody that one kind's due steps are for, as SQL: conditions and lateness are already applied.

    `sql` selects TARGET_COLUMNS. A kind turns it into effects with a fixed number of statements,
    whatever the number of people.
    """

    sql: str
    params: tuple[Any, ...]
    due: Sequence[Due]
    now: datetime


class StepKind:
    """Base of all kinds. Stateless; what a kind does is safe to do twice, by unique keys.

    `label` is shown in the editor. `fields` reads `with:`. `speaks` says whether a text goes out, and
    to whom: "room", "member", "audience" (either, as the audience says), or "" for no text. `stays_in_run`:
    it writes nothing but tables of the run and the outbox, so a preview of it locks nobody out.
    """

    label: ClassVar[str | Promise] = ""
    fields: ClassVar[type[Fields]] = NoFields
    speaks: ClassVar[str] = ""
    stays_in_run: ClassVar[bool] = False

    def faults(self, step: "Step", fields: Any) -> Iterable[tuple[str, str]]:
        """(place, sentence) for each thing that is wrong with this step."""
        return ()

    def reason_to_skip(self, fields: Any, community_id: int, zone: str, due_at: datetime) -> str:
        """A code when a dated step has nothing to do here: it is skipped, and the operator is told why."""
        return ""

    def run(self, targets: Targets) -> int:
        """Do it for all targets at once. Returns how many effects were new."""
        raise NotImplementedError


steps: Registry[StepKind] = Registry("step kind", "chaguan.playbooks.steps")


def speaks_to(kind: str, audience: str) -> str:
    """Whom a step of this kind addresses with this audience: "room", "member" or ""."""
    speaks = steps.get(kind).speaks
    if speaks == "audience":
        return "room" if audience in ("room", "back_room", "staff", "leads") else "member"
    return speaks
