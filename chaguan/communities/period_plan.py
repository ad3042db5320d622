"""The plan of a community by its age (初期/中期/后期): read from period_plan.yaml, checked once."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import yaml

from chaguan.communities.types import Period

FILE = Path(__file__).parent / "period_plan.yaml"


@dataclass(frozen=True)
class Item:
    """One item of a period. `words` by language."""

    code: str
    words: dict[str, str]


@dataclass(frozen=True)
class PeriodPlan:
    """When a period is proposed, counted from the opening, what it recommends, and what is to be done in it."""

    after: timedelta
    playbooks: tuple[str, ...]
    items: tuple[Item, ...]


@cache
def period_plans() -> dict[Period, PeriodPlan]:
    """All three in order. Raises ValueError or KeyError for a faulty file: a bug of ours."""
    doc = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        period: PeriodPlan(
            timedelta(days=doc[period.value]["after_days"]),
            tuple(doc[period.value]["playbooks"]),
            tuple(
                Item(row["item"], {"zh": row["zh"], "en": row["en"]})
                for row in doc[period.value]["items"]
            ),
        )
        for period in Period
    }


def next_period(period: str) -> Period | None:
    """The period that follows; None after the last."""
    order = list(Period)
    place = order.index(Period(period)) + 1
    return order[place] if place < len(order) else None
