"""What a step kind must do, and the registry of them: one file each in `playbooks/steps/`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict

from chaguan.kernel.registry import Registry


class Fields(BaseModel):
    """Base of what an author writes under `with:`."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class NoFields(Fields):
    """A kind that needs nothing under `with:`."""


@dataclass(frozen=True)
class Targets:
    """Everybody one kind's due steps are for, as SQL: conditions and lateness are already applied.

    `sql` selects TARGET_COLUMNS. `step_ids` are the database ids of the steps in it. A kind turns it
    into effects with a fixed number of statements, whatever the number of people.
    """

    sql: str
    params: tuple[Any, ...]
    step_ids: Sequence[int]
    now: datetime
    depth: int = 0


TARGET_COLUMNS = (
    "key",  # unique per run, step and target: run:17/step:TCH-01/enrolment:9
    "run_id",
    "step_id",
    "enrolment_id",  # NULL on a room track
    "occurrence_id",  # NULL on a personal track
    "community_id",
    "member_id",  # NULL where the target is a room
    "room_id",  # NULL where the target is a person
    "connector",
    "account_id",
    "due_s",  # seconds since 1970
)


class StepKind(Protocol):
    """One kind of step. Stateless; what it does is safe to do twice, by unique keys.

    `label` is shown in the editor. `fields` reads `with:`. `speaks` says whether a text goes out, and
    to whom: "room", "member", or "" for kinds without a text.
    """

    label: str | Promise
    fields: type[Fields]
    speaks: str

    def faults(self, step: Any, fields: Any) -> Iterable[tuple[str, str]]:
        """(place, sentence) for each thing that is wrong with this step, a `document.Step`."""

    def run(self, targets: Targets) -> int:
        """Do it for all targets at once. Returns how many effects were new."""


steps: Registry[StepKind] = Registry("step kind", "chaguan.playbooks.steps")
