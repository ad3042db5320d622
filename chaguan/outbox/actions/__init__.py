"""Everything that changes outbox rows. Who may decide is settled above, by apps that know roles."""

from chaguan.outbox.actions.claiming import (
    Rate,
    claim,
    note_call,
    rehearse,
    requeue_lost,
    take_lost,
)
from chaguan.outbox.actions.deciding import (
    NotInThatState,
    TooLate,
    approve,
    approve_all,
    cancel,
    cancel_one,
    decide_unknown,
    put_again,
    release,
    retry,
    send_anyway,
    sent_by_person,
    sent_by_person_all,
)
from chaguan.outbox.actions.expiring import anything_over, expire_waiting, over
from chaguan.outbox.actions.finishing import Outcome, finish, finish_sent
from chaguan.outbox.actions.planning import PLAN_COLUMNS, plan, plan_query

__all__ = [
    "PLAN_COLUMNS",
    "NotInThatState",
    "Outcome",
    "Rate",
    "TooLate",
    "anything_over",
    "approve",
    "approve_all",
    "cancel",
    "cancel_one",
    "claim",
    "decide_unknown",
    "expire_waiting",
    "finish",
    "finish_sent",
    "note_call",
    "over",
    "plan",
    "plan_query",
    "put_again",
    "rehearse",
    "release",
    "requeue_lost",
    "retry",
    "send_anyway",
    "sent_by_person",
    "sent_by_person_all",
    "take_lost",
]
