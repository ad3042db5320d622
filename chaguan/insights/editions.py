"""Which windows a definition has, now and at any earlier time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chaguan.insights.contract import Metric
from chaguan.insights.models import DefinitionEdition

_ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Edition:
    """One set of windows. `label` is `version.number`: 1.0 is what was shipped."""

    label: str
    windows: Mapping[str, int]
    valid_from: datetime = _ALWAYS
    note: str = ""


def editions_of(code: str, version: int, shipped: Mapping[str, int]) -> list[Edition]:
    """All editions of one definition, the shipped one first. One statement."""
    rows = DefinitionEdition.objects.filter(code=code).order_by("number")
    return [
        Edition(f"{version}.0", dict(shipped)),
        *(
            Edition(
                f"{row.base_version}.{row.number}",
                {**shipped, **row.windows},
                row.valid_from,
                row.note,
            )
            for row in rows
        ),
    ]


def metric_editions(code: str, metric: Metric) -> list[Edition]:
    """All editions of a metric; no statement for one that has no windows."""
    if not metric.windows:
        return [Edition(f"{metric.version}.0", {})]
    return editions_of(code, metric.version, metric.windows)


def in_force(editions: list[Edition], at: datetime) -> Edition:
    """The last edition whose validity began at or before `at`."""
    return [edition for edition in editions if edition.valid_from <= at][-1]
