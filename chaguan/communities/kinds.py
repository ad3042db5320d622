"""What each type of community comes with (六种社群): read from presets/<type>.yaml, checked once."""

from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

from chaguan.communities.types import CommunityType
from chaguan.people.types import RelationStage

FOLDER = Path(__file__).parent / "presets"

Words = dict[str, str]


def in_my_language(words: Words) -> str:
    """The words in the reader's language: Chinese unless it is English."""
    return words["en"] if (get_language() or "").startswith("en") else words["zh"]


@dataclass(frozen=True)
class Limit:
    """At most so many steps of one kind, and why."""

    most: int
    reason: Words


@dataclass(frozen=True)
class Preset:
    """One type's purpose, lifetime, intensity, dos and don'ts, metrics and playbooks.

    `lifetime` None is open-ended. `warn_before` its end operators are told; with `closes_by_itself` the
    end is also enforced. `forbidden` maps intents to the reason that people read.
    """

    purpose: Words
    audience: Words
    expected_effect: Words
    tier: str
    form: str  # online | offline | both
    target_stages: tuple[str, ...]
    lifetime: timedelta | None
    warn_before: timedelta
    closes_by_itself: bool
    review_every: timedelta | None
    intensity: str  # none | light | full | self_run
    gate: str
    is_screened: bool
    allowed: tuple[str, ...]
    forbidden: dict[str, Words]
    limits: dict[str, Limit]
    product_class: str
    sales_role: str
    metrics: tuple[str, ...]
    end: str
    playbooks: tuple[str, ...]


@cache
def preset_of(kind: str) -> Preset:
    """The preset of one type. Raises ValueError for an unknown type or a faulty file: a bug of ours."""
    text = (FOLDER / f"{CommunityType(kind).value}.yaml").read_text(encoding="utf-8")
    return _read(yaml.safe_load(text))


def _read(doc: dict[str, Any]) -> Preset:
    lifetime = doc.pop("lifetime")
    hours, review_days = lifetime["hours"], lifetime.get("review_days")
    values = {
        **doc,
        "lifetime": timedelta(hours=hours) if hours else None,
        "warn_before": timedelta(hours=lifetime["warn_hours"]),
        "closes_by_itself": lifetime["auto_close"],
        "review_every": timedelta(days=review_days) if review_days else None,
        "target_stages": tuple(RelationStage(stage).value for stage in doc["target_stages"]),
        "allowed": tuple(doc["allowed"]),
        "limits": {code: Limit(**limit) for code, limit in doc["limits"].items()},
        "metrics": tuple(doc["metrics"]),
        "playbooks": tuple(doc["playbooks"]),
    }
    if set(values) != {field.name for field in fields(Preset)}:
        raise ValueError(f"a preset lacks or has too much: {sorted(values)}")
    return Preset(**values)
