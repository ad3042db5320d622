"""What the worker does for communities again and again."""

from datetime import datetime, timedelta

from django.db.models import Q

from chaguan.communities.actions.composing import compose
from chaguan.communities.actions.periods import propose_periods
from chaguan.communities.actions.phases import close_at_end_of_life
from chaguan.communities.actions.roles import end_due_roles
from chaguan.communities.kinds import preset_of
from chaguan.communities.models import Community
from chaguan.communities.types import CommunityType, Phase
from chaguan.jobs.contract import tickers
from chaguan.kernel.actor import Actor

ALIVE = (Phase.RECRUITING, Phase.RUNNING)
COMPOSED_EVERY = timedelta(minutes=10)
COMPOSED_AT_ONCE = 20
CLOCK = Actor.system("clock")


@tickers.add("communities.lifetimes")
def close_what_is_over(now: datetime) -> int:
    """Close communities of types that end by themselves, at the latest when their time is over."""
    over = Q(pk__in=())
    for kind in CommunityType:
        preset = preset_of(kind)
        if preset.closes_by_itself and preset.lifetime is not None:
            ended = Q(opened_at__lte=now - preset.lifetime) | Q(closes_at__lte=now)
            over |= Q(ended, type=kind.value)
    phases = [*ALIVE, Phase.CLOSING]
    due = Community.objects.filter(over, phase__in=phases).values_list("pk", flat=True)
    return sum(close_at_end_of_life(CLOCK, pk, now=now) for pk in list(due))


@tickers.add("communities.composition")
def compose_some(now: datetime) -> int:
    """Recount a few communities whose composition is older than ten minutes, the oldest first."""
    old = Q(composed_at__isnull=True) | Q(composed_at__lt=now - COMPOSED_EVERY)
    due = Community.objects.filter(old, phase__in=ALIVE).exclude(target_stages=[])
    ids = list(due.order_by("composed_at", "pk").values_list("pk", flat=True)[:COMPOSED_AT_ONCE])
    for pk in ids:
        compose(CLOCK, pk, now=now)
    return 0  # recounting is never a reason to come back at once


@tickers.add("communities.roles")
def end_roles_that_are_over(now: datetime) -> int:
    """End roles whose time is over, and those of cohorts that are."""
    return end_due_roles(CLOCK, now=now)


@tickers.add("communities.periods")
def propose_next_periods(now: datetime) -> int:
    """Ask about the next period where a community is old enough for it."""
    return propose_periods(CLOCK, now=now)
