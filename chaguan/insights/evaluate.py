"""From a question to rows: the edition in force, a partial result per bucket, the merge."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from chaguan.insights.columns.opened import Columns
from chaguan.insights.contract import MemberIds, Metric, Row, metrics
from chaguan.insights.editions import Edition, in_force, metric_editions
from chaguan.insights.periods import edges_of, instant
from chaguan.insights.types import Asked


@dataclass(frozen=True)
class Answer:
    """The rows of one metric with what is needed to read them.

    `editions` names the edition behind each row of a series, and one for all other metrics.
    """

    code: str
    metric: Metric
    rows: list[Row]
    editions: tuple[Edition, ...]

    @property
    def formula(self) -> str:
        """The definition with the windows of the newest edition used: what a person reads on hovering."""
        return formula(self.metric, self.editions[-1])


def formula(metric: Metric, edition: Edition) -> str:
    """The definition as a sentence with its windows filled in."""
    return str(metric.definition) % dict(edition.windows)


def evaluate(
    code: str,
    asked: Asked,
    columns: Columns,
    *,
    edition: Edition | None = None,
    buckets: int | None = None,
) -> Answer:
    """Compute a metric. Without `edition`, each period of a series uses the edition in force at its end.

    Other metrics use the edition in force at the end of the range, so that a changed window never
    rewrites the past in silence. `buckets` forces the number of member buckets.
    """
    metric = metrics.get(code)
    asked = replace(asked, known_us=columns.known_us(asked))
    if edition is not None:
        return Answer(code, metric, _rows(metric, asked, columns, edition, buckets), (edition,))
    known = metric_editions(code, metric)
    ends = edges_of(asked)[1:]
    if not metric.is_series or len(known) == 1:
        used = in_force(known, _last_moment(int(ends[-1])))
        return Answer(code, metric, _rows(metric, asked, columns, used, buckets), (used,))
    per_period = [in_force(known, _last_moment(int(end))) for end in ends]
    by_edition = {
        used.label: _rows(metric, asked, columns, used, buckets)
        for used in {used.label: used for used in per_period}.values()
    }
    rows = [by_edition[used.label][number] for number, used in enumerate(per_period)]
    return Answer(code, metric, rows, tuple(per_period))


def members_behind(
    code: str, asked: Asked, key: Sequence[str], columns: Columns, edition: Edition | None = None
) -> MemberIds:
    """The members behind the row of a metric whose first columns read `key`, ascending."""
    metric = metrics.get(code)
    asked = replace(asked, known_us=columns.known_us(asked))
    used = edition or in_force(
        metric_editions(code, metric), _last_moment(int(edges_of(asked)[-1]))
    )
    asked = replace(asked, windows=used.windows)
    found = [metric.members(bucket, asked, key) for bucket in columns.buckets()]
    return np.unique(np.concatenate(found))


def _rows(
    metric: Metric, asked: Asked, columns: Columns, edition: Edition, buckets: int | None
) -> list[Row]:
    asked = replace(asked, windows=edition.windows)
    partials = [metric.partial(bucket, asked) for bucket in columns.buckets(buckets)]
    return metric.finish(metric.merge(partials, asked), asked)


def _last_moment(end_us: int) -> datetime:
    return instant(end_us - 1)
