"""Recurrent promotions (循环推送) among outgoing rows: what the limits ask about a row's step."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.document import Step
from chaguan.playbooks.engine.catalogue import document_of, known_step
from chaguan.playbooks.push_plan import is_hourly, promotes, pushes_a_day, recurs


def is_push(row: OutboxRow) -> bool:
    """Whether a row promotes and its step recurs; the evening's preview of tomorrow is no push."""
    step = _step_of(row)
    return step is not None and row.is_promotion and recurs(step) and not says_tomorrow(row.payload)


def is_hourly_push(row: OutboxRow) -> bool:
    """Whether the step of a push comes several times a day."""
    step = _step_of(row)
    return step is not None and is_push(row) and is_hourly(step)


def says_tomorrow(payload: Mapping[str, Any]) -> bool:
    """Whether a row tells, once a day, what tomorrow will bring: that is no offer of today."""
    if "run" not in payload or "step" not in payload:
        return False
    step = known_step(payload["step"]).document
    publishes = step.kind == "publish" and step.with_.get("day", "tomorrow") == "tomorrow"
    return publishes and promotes(step) and not is_hourly(step)


def belongs_to_pushing_plan(row: OutboxRow) -> bool:
    """Whether the plan a push comes from promotes more than once a day."""
    return is_push(row) and _pushes(known_step(row.payload["step"]).row.edition_id) > 1


def _step_of(row: OutboxRow) -> Step | None:
    if row.renderer != "script" or "run" not in row.payload:
        return None
    return known_step(row.payload["step"]).document


@lru_cache(maxsize=512)
def _pushes(edition_id: int) -> int:
    return pushes_a_day(document_of(edition_id).steps)
