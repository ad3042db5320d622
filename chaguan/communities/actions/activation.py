"""Saying what counts as having experienced the product (激活), and marking who has."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chaguan.communities.activation import (
    EVERYWHERE,
    Act,
    Done,
    as_kept,
    countable_facts,
    goals,
    reached,
)
from chaguan.communities.events import ActivationGoalChanged, MemberActivated
from chaguan.communities.models import Activation, ActivationGoal, Membership
from chaguan.communities.policies import may
from chaguan.communities.types import Right
from chaguan.eventlog.actions import record, record_many
from chaguan.eventlog.contract import Event, Logged
from chaguan.eventlog.selectors import facts_named
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require

CHUNK = 2000
CLOCK = Actor.system("activation")


@transaction.atomic
def set_activation_goal(
    actor: Actor, community_id: int | None, acts: Sequence[Act], *, now: datetime
) -> None:
    """Define the acts of one community, or (None) of all without their own; no acts: give that back.

    Who reached it is reckoned anew from the log, for the people who are inside now.
    Emits: ActivationGoalChanged. Raises: Refused, Invalid for an unknown act or an odd number of times.
    """
    right = Right.EDIT_COMMUNITY if community_id is not None else Right.MANAGE_SETTINGS
    require(may(actor, right, community_id))
    known = countable_facts()
    if any(act.fact not in known or not 1 <= act.times <= 99 for act in acts):
        raise Invalid(_("Choose an act from the list, and how often: 1 to 99 times."))
    place = community_id if community_id is not None else EVERYWHERE
    if acts:
        kept = {"acts": as_kept(acts), "by": actor.reference, "at": now}
        ActivationGoal.objects.update_or_create(place=place, defaults=kept)
    else:
        ActivationGoal.objects.filter(place=place).delete()
    record(ActivationGoalChanged(community_id, as_kept(acts)), actor=actor, at=now)
    with_own = ActivationGoal.objects.exclude(place=EVERYWHERE).values("place")
    affected = _inside()
    if community_id is not None:
        affected = affected.filter(community_id=community_id)
        Activation.objects.filter(community_id=community_id).delete()
    else:
        affected = affected.exclude(community_id__in=with_own)
        Activation.objects.exclude(community_id__in=with_own).delete()
    ids = list(affected.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        _mark(_inside().filter(pk__in=ids[start : start + CHUNK]))


def mark_activated(batch: Sequence[Logged]) -> int:
    """Mark those whom these facts bring to the goal of a community they are in; returns how many.

    Emits: MemberActivated, once a member and community. Statements: 1 when no fact counts, else 6.
    """
    names = {act.fact for acts in goals().values() for act in acts}
    members = {f.member_id for f in batch if f.name in names and f.member_id is not None}
    if not members:
        return 0
    return _mark(_inside().filter(member_id__in=members))


def _inside() -> QuerySet[Membership]:
    return Membership.objects.filter(state=Membership.State.IN, member__is_bot=False)


@transaction.atomic
def _mark(stays: QuerySet[Membership]) -> int:
    """Reckon these stays from the log."""
    wanted = goals()
    people = list(stays.values_list("community_id", "member_id", "joined_at"))
    ids = {member_id for _community, member_id, _since in people}
    known = set(
        Activation.objects.filter(member_id__in=ids).values_list("community_id", "member_id")
    )
    names = {act.fact for acts in wanted.values() for act in acts}
    done = _done(names, ids)
    found = []
    for community_id, member_id, since in people:
        acts = wanted.get(community_id, wanted[EVERYWHERE])
        act = reached(acts, community_id, since, done.get(member_id, ()))
        if act is not None and (community_id, member_id) not in known:
            took_s = int((act.at - since).total_seconds())
            found.append(
                Activation(
                    community_id=community_id,
                    member_id=member_id,
                    at=act.at,
                    took_s=took_s,
                    event_id=act.id,
                )
            )
    Activation.objects.bulk_create(found, ignore_conflicts=True, batch_size=CHUNK)
    facts: list[tuple[Event, datetime]] = [
        (MemberActivated(one.community_id, one.member_id, one.took_s), one.at) for one in found
    ]
    keys = [f"{one.community_id}/{one.member_id}" for one in found]
    if facts:
        record_many(facts, actor=CLOCK, source="communities.activation", source_ids=keys)
    return len(found)


def _done(names: Collection[str], member_ids: Collection[int]) -> dict[int, list[Done]]:
    done: dict[int, list[Done]] = defaultdict(list)
    columns = ("id", "name", "at", "community_id", "member_id", "data")
    for pk, name, at, community_id, member_id, said in facts_named(names, member_ids).values_list(
        *columns
    ):
        done[member_id].append(Done(pk, name, at, community_id, str(said.get("what", ""))))
    return done
