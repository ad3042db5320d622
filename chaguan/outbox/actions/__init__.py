"""Everything that changes outbox rows. Who may decide is settled above, by apps that know roles."""

from chaguan.outbox.actions.claiming import Rate, claim, note_call, requeue_lost, take_lost
from chaguan.outbox.actions.deciding import (
    approve,
    cancel,
    cancel_one,
    decide_unknown,
    release,
    retry,
    sent_by_person,
)
from chaguan.outbox.actions.finishing import Outcome, finish
from chaguan.outbox.actions.planning import PLAN_COLUMNS, plan, plan_query

__all__ = [
    "PLAN_COLUMNS",
    "Outcome",
    "Rate",
    "approve",
    "cancel",
    "cancel_one",
    "claim",
    "decide_unknown",
    "finish",
    "note_call",
    "plan",
    "plan_query",
    "release",
    "requeue_lost",
    "retry",
    "sent_by_person",
    "take_lost",
]
