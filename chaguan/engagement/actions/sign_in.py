"""Signing in (签到): by the button, by a word in a room, and repairing a missed day."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from chaguan.communities.selectors.zones import zone_of
from chaguan.engagement.errors import AlreadySignedIn, NoMakeUpCard, NotRepairable
from chaguan.engagement.events import DayMadeUp, SignedIn
from chaguan.engagement.marks import Marked, enter
from chaguan.engagement.models import MakeUpCard
from chaguan.engagement.policies import may_sign_in, may_sign_others_in
from chaguan.engagement.selectors.sign_in import repairable_days, run_containing
from chaguan.engagement.types import Presence, SignInWay
from chaguan.eventlog.actions import MAX_DEPTH, NewFact, append, record
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require

DAYS_PER_CARD = 7  # Source: library.md L17, the 7-day streak


@transaction.atomic
def sign_in(actor: Actor, community_id: int, *, now: datetime) -> int:
    """Sign the acting member in for today; returns the streak in days.

    Today is the community's local date: 00:30 in Shanghai is the new day, whatever UTC says.

    Emits: SignedIn. Raises: Refused (may_sign_in), AlreadySignedIn.
    Races: the unique constraint settles two taps at once.
    """
    require(may_sign_in(actor, community_id))
    assert actor.member_id is not None
    day = now.astimezone(zone_of(community_id)).date()
    presence = Presence(community_id, actor.member_id, day, now, SignInWay.PORTAL, actor.reference)
    marked = enter([presence])
    if not marked:
        raise AlreadySignedIn
    _report(marked)
    return marked[0].streak_days


@transaction.atomic
def sign_in_many(actor: Actor, presences: Sequence[Presence]) -> int:
    """Sign in members who were heard in rooms; returns how many were new. A constant number of statements.

    Emits: SignedIn for each new one, caused by its message.
    Raises: Refused (may_sign_others_in).
    """
    require(may_sign_others_in(actor))
    marked = enter(presences)
    _report(marked)
    return len(marked)


@transaction.atomic
def use_make_up_card(actor: Actor, community_id: int, day: date, *, now: datetime) -> int:
    """Repair a missed `day` of the last week with one card; returns the run's length after it.

    Emits: DayMadeUp. It pays no points: the card saves the streak, the day itself stays missed.
    Raises: Refused (may_sign_in), NotRepairable, NoMakeUpCard.
    Races: the card is taken by a guarded update, the day by the unique constraint.
    """
    require(may_sign_in(actor, community_id))
    assert actor.member_id is not None
    member_id = actor.member_id
    today = now.astimezone(zone_of(community_id)).date()
    if day not in repairable_days(community_id, member_id, today):
        raise NotRepairable
    unused = MakeUpCard.objects.filter(
        community_id=community_id, member_id=member_id, used_for__isnull=True
    )
    oldest = unused.order_by("earned_day").values("pk")[:1]
    if not unused.filter(pk__in=oldest).update(used_for=day, used_at=now):
        raise NoMakeUpCard
    presence = Presence(community_id, member_id, day, now, SignInWay.MAKE_UP, actor.reference)
    if not enter([presence]):
        raise NotRepairable
    streak_days = run_containing(community_id, member_id, day)
    record(DayMadeUp(community_id, member_id, day, streak_days), actor=actor, at=now)
    return streak_days


def _report(marked: Sequence[Marked]) -> None:
    """Write the facts and grant the cards of a batch: one statement each."""
    append(
        [
            NewFact(
                source="engagement.sign_in",
                source_id=f"{p.community_id}:{p.member_id}:{p.day.isoformat()}",
                name=SignedIn.name,
                at=p.at,
                community_id=p.community_id,
                room_id=None,
                member_id=p.member_id,
                actor=p.actor,
                caused_by=p.caused_by,
                depth=p.depth,
                payload={"day": p.day.isoformat(), "streak_days": streak_days},
            )
            for p, streak_days in marked
            if p.depth <= MAX_DEPTH
        ]
    )
    MakeUpCard.objects.bulk_create(
        [
            MakeUpCard(community_id=p.community_id, member_id=p.member_id, earned_day=p.day)
            for p, streak_days in marked
            if streak_days % DAYS_PER_CARD == 0
        ],
        ignore_conflicts=True,
    )
