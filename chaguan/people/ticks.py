"""What the worker does for people again and again."""

from datetime import datetime, timedelta

from django.db.models import Q

from chaguan.jobs.contract import tickers
from chaguan.kernel.actor import Actor
from chaguan.people.actions.tags import refresh_tag
from chaguan.people.models import Tag

FRESH_FOR = timedelta(minutes=10)


@tickers.add("people.rule_tags")
def refresh_rule_tags(now: datetime) -> int:
    """Refresh the tags that rules keep, each every ten minutes. Returns how many marks changed."""
    old = Q(refreshed_at__isnull=True) | Q(refreshed_at__lt=now - FRESH_FOR)
    due = Tag.objects.filter(old, rule__isnull=False).values_list("pk", flat=True)
    return sum(refresh_tag(Actor.system("tag rules"), pk, now=now) for pk in list(due))
