"""Questions about check-ins. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from chaguan.communities.selectors import communities_joined_by
from chaguan.engagement.models import CheckIn, CheckInAsk
from chaguan.kernel.actor import Actor


def asks_open_to(actor: Actor, *, now: datetime) -> QuerySet[CheckInAsk]:
    """Prompts that the acting member may answer now, with `is_answered`. Screens start from this."""
    if actor.member_id is None:
        return CheckInAsk.objects.none()
    answered = CheckIn.objects.filter(ask=OuterRef("pk"), member_id=actor.member_id)
    is_open = Q(closes_at__isnull=True) | Q(closes_at__gt=now)
    rows = CheckInAsk.objects.filter(
        is_open, community__in=communities_joined_by(actor), opens_at__lte=now
    )
    return rows.annotate(is_answered=Exists(answered)).order_by("opens_at", "id")


def asks_in(community_id: int) -> QuerySet[CheckInAsk]:
    """All prompts of a community with how many answered. The caller has checked who may look."""
    rows = CheckInAsk.objects.filter(community_id=community_id)
    return rows.annotate(answers=Count("check_ins")).order_by("-opens_at", "-id")


def answers_to(ask_id: int) -> QuerySet[CheckIn]:
    """Who answered a prompt, first first. The caller has checked who may look."""
    return CheckIn.objects.filter(ask_id=ask_id).order_by("at", "id")


def newest_asks(prefixes: Collection[str]) -> dict[str, int]:
    """The ask opened last of those whose key begins so, by prefix. One statement a prefix, each a probe."""
    found = {}
    for prefix in prefixes:
        rows = CheckInAsk.objects.filter(key__startswith=prefix).order_by("-opens_at", "-id")
        if (ask_id := rows.values_list("pk", flat=True).first()) is not None:
            found[prefix] = ask_id
    return found


def answers_by_member(prefix: str) -> dict[int, int]:
    """How many asks whose key begins so each member answered. One statement."""
    rows = CheckIn.objects.filter(ask__key__startswith=prefix).order_by()
    return dict(rows.values_list("member_id").annotate(n=Count("pk")))
