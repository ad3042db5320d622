"""What communities read from the log."""

from chaguan.communities.actions.activation import mark_activated
from chaguan.communities.events import MemberJoined
from chaguan.eventlog.contract import Batch, subscribe
from chaguan.people.actions.stages import follow_rules


@subscribe("communities.stages", MemberJoined)
def on_joined(batch: Batch) -> None:
    follow_rules(batch)


@subscribe("communities.activation", everything=True)
def on_acts(batch: Batch) -> None:
    """Any fact about a member may be an act that a house counts; most batches hold none."""
    mark_activated(batch)
