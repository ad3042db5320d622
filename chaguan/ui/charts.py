"""A chart as plain values; drawn by charts.js, written out as a table beneath it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from django.utils.functional import Promise

Kind = Literal["line", "bar", "stack", "area"]


@dataclass(frozen=True)
class Series:
    """One line or row of bars. `tone` (1 to 5) is the same for the same thing on all pages.

    A value of None is a gap.
    """

    name: str
    values: Sequence[float | None]
    tone: int = 0  # 0: by position


@dataclass(frozen=True)
class Chart:
    """One idea. `code` is unique on its page; `csv_url` and `unit` may be empty."""

    code: str
    title: str | Promise
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str | Promise = ""
    kind: Kind = "line"
    csv_url: str = ""
    is_share: bool = False  # values are 0 to 1 and shown as percentages
    notes: Sequence[str] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        """What charts.js reads."""
        return {
            "kind": self.kind,
            "title": str(self.title),
            "unit": str(self.unit),
            "isShare": self.is_share,
            "labels": list(self.labels),
            "series": [asdict(s) for s in self.series],
        }

    @property
    def rows(self) -> list[tuple[str, list[float | None]]]:
        """The table beneath: one row per label."""
        return [
            (label, [s.values[place] if place < len(s.values) else None for s in self.series])
            for place, label in enumerate(self.labels)
        ]

    @property
    def values_id(self) -> str:
        """The id of the JSON element that charts.js reads."""
        return f"chart-{self.code}-values"
