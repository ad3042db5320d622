"""What communities read from the log."""

from chaguan.communities.events import MemberJoined
from chaguan.eventlog.contract import Batch, subscribe
from chaguan.people.actions.stages import follow_rules


@subscribe("communities.stages", MemberJoined)
def on_joined(batch: Batch) -> None:
    follow_rules(batch)
