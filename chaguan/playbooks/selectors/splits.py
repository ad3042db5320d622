"""How the arms of a split did (分组对比): who reached the goal in time, and whether that says anything.

Counted by people, each at her first pass, from the moment she came in, whether or not a message reached her:
whoever looks only at those who were reached fools himself. People whose span is not over yet are shown apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import erfc, sqrt

from django.db import connection

from chaguan.playbooks.document import Split, seconds_of
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.models import Run
from chaguan.playbooks.schedule import seconds

Z_95 = 1.959963984540054
FEW_PEOPLE, FEW_CASES = 30, 5  # below, the normal approximation says nothing worth printing

_COUNT = """
SELECT p.arm, count(*),
  sum(CASE WHEN p.entered_s + {within_s} <= {now_s} THEN 1 ELSE 0 END),
  sum(CASE WHEN p.entered_s + {within_s} <= {now_s} AND {reached} THEN 1 ELSE 0 END)
FROM (
  SELECT e.member_id, c.arm AS arm, min(e.entered_s) AS entered_s
  FROM playbooks_enrolment AS e JOIN playbooks_cohort AS c ON c.id = e.cohort_id
  WHERE e.run_id = {run} AND c.arm <> '' GROUP BY e.member_id, c.arm
) AS p GROUP BY p.arm
"""
_REACHED = """
EXISTS (SELECT 1 FROM eventlog_event AS v WHERE v.member_id = p.member_id AND v.name = %s
  AND v.at >= {begin} AND v.at < {end})
"""


@dataclass(frozen=True)
class ArmResult:
    """One arm. `people` came in; of them `judged` have had their whole span, and `reached` the goal in it."""

    key: str
    title: str
    is_control: bool
    people: int
    judged: int
    reached: int

    @property
    def still_open(self) -> int:
        """People whose span is not over yet."""
        return self.people - self.judged

    @property
    def rate(self) -> float | None:
        return self.reached / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between which rates the true one lies, 95 times in 100 (Wilson)."""
        return wilson(self.reached, self.judged) if self.judged else None


@dataclass(frozen=True)
class Difference:
    """An arm against the control arm (or the first): `points` is the difference of the rates.

    `p` is how often chance alone would bring as much (two proportions, pooled, two-sided). Both are None
    where there are too few people or cases to tell.
    """

    arm: str
    against: str
    points: float | None
    p: float | None

    @property
    def is_too_few(self) -> bool:
        return self.p is None

    @property
    def is_clear(self) -> bool:
        return self.p is not None and self.p < 0.05


@dataclass(frozen=True)
class SplitResult:
    """A split of a run, as of `now`."""

    fact: str
    within_s: int
    arms: Sequence[ArmResult]
    differences: Sequence[Difference]


def split_result(run: Run, *, now: datetime) -> SplitResult | None:
    """The result of a run's split; None for a run without one. The caller has read the run through its
    scoped selector. One statement, whatever the number of people."""
    split = document_of(run.edition_id).split
    if split is None:
        return None
    within_s = seconds_of(split.goal.within)
    counts = _counts(run, split, within_s, now)
    arms = [
        ArmResult(arm.key, arm.title, arm.control, *counts.get(arm.key, (0, 0, 0)))
        for arm in split.arms
    ]
    base = next((arm for arm in arms if arm.is_control), arms[0])
    others = [compared(arm, base) for arm in arms if arm is not base]
    return SplitResult(split.goal.fact, within_s, arms, others)


def _counts(
    run: Run, split: Split, within_s: int, now: datetime
) -> Mapping[str, tuple[int, int, int]]:
    instant = (
        "to_timestamp({})"
        if connection.vendor == "postgresql"
        else "strftime('%%Y-%%m-%%d %%H:%%M:%%S', {}, 'unixepoch')"
    )
    reached = _REACHED.format(
        begin=instant.format("p.entered_s"), end=instant.format(f"p.entered_s + {within_s:d}")
    )
    sql = _COUNT.format(run=int(run.pk), now_s=seconds(now), within_s=within_s, reached=reached)
    with connection.cursor() as cursor:
        cursor.execute(sql, [split.goal.fact])
        return {str(arm): (int(a), int(b), int(c)) for arm, a, b, c in cursor.fetchall()}


def compared(arm: ArmResult, base: ArmResult) -> Difference:
    """The difference of two arms, where there are enough people and cases on both sides."""
    enough = all(
        one.judged >= FEW_PEOPLE and min(one.reached, one.judged - one.reached) >= FEW_CASES
        for one in (arm, base)
    )
    if not enough or arm.rate is None or base.rate is None:
        return Difference(arm.key, base.key, None, None)
    points = arm.rate - base.rate
    pooled = (arm.reached + base.reached) / (arm.judged + base.judged)
    spread = sqrt(pooled * (1 - pooled) * (1 / arm.judged + 1 / base.judged))
    return Difference(arm.key, base.key, points, erfc(abs(points) / spread / sqrt(2)))


def wilson(reached: int, people: int) -> tuple[float, float]:
    """The 95 per cent interval of a rate after Wilson; sensible for small numbers and rates at the ends."""
    rate, z2 = reached / people, Z_95 * Z_95
    centre = (rate + z2 / (2 * people)) / (1 + z2 / people)
    half = Z_95 / (1 + z2 / people) * sqrt(rate * (1 - rate) / people + z2 / (4 * people * people))
    return max(0.0, centre - half), min(1.0, centre + half)
