"""How much waits for a person at each place: the numbers beside the menu. Each counts to 99 at most."""

from chaguan.channels.selectors.sending import outbox_visible_to
from chaguan.communities.types import Right
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.playbooks.selectors.broadcasts import broadcasts_to_decide
from chaguan.playbooks.selectors.sheets import (
    approvals_visible_to,
    assignments_of,
    on_nobodys_sheet,
)

AT_MOST = 99
WAITS = ("unknown", "awaiting_person")


def outbox_waiting(actor: Actor) -> int:
    """Messages that only a person can settle: unknown ones, and those to approve or to send by hand."""
    mine = outbox_visible_to(actor, Right.DECIDE_OUTBOX)
    return mine.filter(state__in=WAITS).order_by()[:AT_MOST].count()


def today_waiting(actor: Actor) -> int:
    """One's own open assignments that are due, messages on nobody's sheet, what colleagues ask to see."""
    now = clock.now()
    due = assignments_of(actor).filter(state="open", due_at__lte=now)
    asked = broadcasts_to_decide(actor, now).order_by()[:AT_MOST].count()
    asked += approvals_visible_to(actor).order_by()[:AT_MOST].count()
    waits = outbox_visible_to(actor, Right.DECIDE_OUTBOX).filter(state__in=WAITS)
    messages = on_nobodys_sheet(waits).order_by()[:AT_MOST].count()
    return min(AT_MOST, due.order_by()[:AT_MOST].count() + asked + messages)
