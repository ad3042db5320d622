"""What people read from the log."""

from chaguan.eventlog.contract import Batch, subscribe
from chaguan.people.actions.stages import follow_rules
from chaguan.people.events import OrderConfirmed, ProductUsed


@subscribe("people.stages", OrderConfirmed, ProductUsed)
def on_evidence(batch: Batch) -> None:
    follow_rules(batch)
