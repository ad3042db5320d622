"""Whom a room message for newcomers greets: who came since the step last greeted, a week back at most."""

from datetime import datetime, timedelta

from django.db.models import Max

from chaguan.communities.selectors.audiences import people_inside
from chaguan.playbooks.models import Occurrence, Run
from chaguan.playbooks.types import StepState

NEWCOMER = timedelta(days=7)
MOST = 12  # names in one message


def newcomers(run: Run, step_id: int, due: datetime) -> list[str]:
    """Their names, in the order they came. Two statements."""
    earlier = Occurrence.objects.filter(
        run=run, step_id=step_id, state=StepState.DONE, due_at__lt=due
    )
    last = earlier.aggregate(last=Max("due_at"))["last"]
    since = max(last, due - NEWCOMER) if last else due - NEWCOMER
    came = people_inside().filter(community_id=run.community_id, joined_at__gt=since)
    names = came.filter(joined_at__lte=due).order_by("joined_at", "pk")
    return list(names.values_list("member__name", flat=True)[:MOST])
