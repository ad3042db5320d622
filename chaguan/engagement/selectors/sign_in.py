"""Questions about signing in. Nothing here writes."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, QuerySet

from chaguan.communities.selectors.zones import zone_of
from chaguan.engagement.models import MakeUpCard, SignIn
from chaguan.engagement.types import SignInCard

REPAIR_DAYS = 7


def streak_now(community_id: int, member_id: int, today: date) -> int:
    """The unbroken days up to today, or up to yesterday while today is still open; else 0."""
    rows = SignIn.objects.filter(
        community_id=community_id, member_id=member_id, day__gte=today - timedelta(days=1)
    )
    return rows.order_by("-day").values_list("streak_days", flat=True).first() or 0


def run_containing(community_id: int, member_id: int, day: date) -> int:
    """The length of the unbroken run that `day` is part of; 0 when it is not signed."""
    rows = SignIn.objects.filter(community_id=community_id, member_id=member_id, day__gte=day)
    length, expected = 0, day
    for signed, streak_days in rows.order_by("day").values_list("day", "streak_days").iterator():
        if signed != expected:
            break
        length, expected = streak_days, expected + timedelta(days=1)
    return length


def repairable_days(community_id: int, member_id: int, today: date) -> tuple[date, ...]:
    """Missed days of the last week that a card can repair: after the first sign-in, before today."""
    rows = SignIn.objects.filter(community_id=community_id, member_id=member_id)
    first = rows.aggregate(first=Min("day"))["first"]
    if first is None:
        return ()
    since = max(first, today - timedelta(days=REPAIR_DAYS))
    signed = set(rows.filter(day__gte=since).values_list("day", flat=True))
    days = (since + timedelta(days=n) for n in range((today - since).days))
    return tuple(day for day in days if day not in signed)


def sign_in_card(community_id: int, member_id: int, *, now: datetime) -> SignInCard:
    """What a member's own page shows. The caller has checked that it is the member's own."""
    today = now.astimezone(zone_of(community_id)).date()
    rows = SignIn.objects.filter(community_id=community_id, member_id=member_id)
    streak_days = streak_now(community_id, member_id, today)
    cards = MakeUpCard.objects.filter(
        community_id=community_id, member_id=member_id, used_for__isnull=True
    )
    held = cards.count()
    return SignInCard(
        community_id=community_id,
        day=today,
        is_signed_in=rows.filter(day=today).exists(),
        streak_days=streak_days,
        best_streak_days=rows.aggregate(best=Max("streak_days"))["best"] or 0,
        make_up_cards=held,
        days_to_next_card=7 - streak_days % 7,
        repairable=repairable_days(community_id, member_id, today) if held else (),
    )


def sign_ins_of_member(member_id: int) -> QuerySet[SignIn]:
    """All sign-ins of one member, newest first. The caller has checked who may look."""
    return SignIn.objects.filter(member_id=member_id).order_by("-day", "-id")


def sign_ins_by_day(community_id: int, since: date, until: date) -> dict[date, int]:
    """How many members signed in on each day of the range; days without any are left out."""
    rows = SignIn.objects.filter(community_id=community_id, day__range=(since, until))
    counted = rows.exclude(way="make_up").values("day").annotate(members=Count("id"))
    return dict(counted.values_list("day", "members"))


def sign_ins_on(community_id: int, days: Collection[date]) -> dict[int, int]:
    """How many of these local days each member signed in on. The caller has checked who may look."""
    rows = SignIn.objects.filter(community_id=community_id, day__in=days)
    counted = rows.order_by().values_list("member_id").annotate(n=Count("id"))
    return dict(counted) if days else {}
