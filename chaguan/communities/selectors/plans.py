"""What a type of community says to a plan: for those who write and start playbooks."""

from chaguan.communities.guards import STAFF_STEPS, check_plan

__all__ = ["STAFF_STEPS", "check_plan"]
