"""Small values of the member pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """One optional question of the join form. `kind` is a FieldKind's value."""

    code: str
    label: str
    kind: str
    choices: Sequence[str] = field(default=())
