"""Points moved by a person or for a person: awarding, spending, and correcting by counter-entry."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chaguan.communities.selectors.zones import zone_of
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.kernel.policy import require
from chaguan.rewards.accounts import Holder, house_holder, member_holder, open_and_lock, shift
from chaguan.rewards.errors import AlreadyCorrected, NotEnoughPoints, ReasonNeeded
from chaguan.rewards.events import EntryCorrected, PointsAwarded, PointsSpent
from chaguan.rewards.models import Account, Entry
from chaguan.rewards.policies import may_award, may_spend
from chaguan.rewards.types import House

BY_HAND, SPENT, CORRECTION = "by_hand", "spent", "correction"


@dataclass(frozen=True)
class Movement:
    """Points between the house and one member, with the reason people read. `key`: the same key, once."""

    community_id: int
    member_id: int
    points: int
    reason: str
    key: str


@transaction.atomic
def award_points(actor: Actor, movement: Movement, *, now: datetime) -> Entry:
    """Give points outside the rules. Emits: PointsAwarded. Raises: Refused (may_award), ReasonNeeded."""
    require(may_award(actor, movement.community_id))
    source = house_holder(movement.community_id, House.ISSUED)
    target = member_holder(movement.community_id, movement.member_id)
    entry, balance, is_new = _move(actor, movement, source, target, BY_HAND, now)
    if is_new:
        fact = PointsAwarded(
            movement.community_id, movement.member_id, entry.points, BY_HAND, entry.pk, balance
        )
        record(fact, actor=actor, at=now)
    return entry


@transaction.atomic
def spend_points(actor: Actor, movement: Movement, *, now: datetime) -> Entry:
    """Take points for something. Emits: PointsSpent. Raises: Refused (may_spend), NotEnoughPoints."""
    require(may_spend(actor, movement.member_id))
    source = member_holder(movement.community_id, movement.member_id)
    target = house_holder(movement.community_id, House.SPENT)
    entry, _balance, is_new = _move(actor, movement, source, target, SPENT, now)
    if is_new:
        fact = PointsSpent(movement.community_id, movement.member_id, entry.points, entry.pk)
        record(fact, actor=actor, at=now)
    return entry


@transaction.atomic
def correct_entry(actor: Actor, entry_id: int, *, reason: str, now: datetime) -> Entry:
    """Answer an entry with its mirror. The first one stays as it is; both are shown.

    Emits: EntryCorrected. Raises: Missing, Refused (may_award), ReasonNeeded, AlreadyCorrected,
    NotEnoughPoints when the member has spent the points since.
    """
    wrong = Entry.objects.select_related("source", "target").filter(pk=entry_id).first()
    if wrong is None:
        raise Missing
    community_id = wrong.source.community_id
    require(may_award(actor, community_id))
    if wrong.corrects_id is not None or Entry.objects.filter(corrects=wrong).exists():
        raise AlreadyCorrected
    member_id = wrong.target.member_id or wrong.source.member_id
    movement = Movement(community_id, member_id or 0, wrong.points, reason, f"corrects:{wrong.pk}")
    entry, _balance, is_new = _move(
        actor, movement, _holder(wrong.target), _holder(wrong.source), CORRECTION, now, wrong
    )
    if not is_new:
        raise AlreadyCorrected
    fact = EntryCorrected(community_id, entry.pk, wrong.pk, wrong.points, reason, member_id)
    record(fact, actor=actor, at=now)
    return entry


def _holder(account: Account) -> Holder:
    return account.community_id, account.member_id, account.house


def _move(
    actor: Actor,
    movement: Movement,
    source: Holder,
    target: Holder,
    rule: str,
    now: datetime,
    corrects: Entry | None = None,
) -> tuple[Entry, int, bool]:
    """Write one entry under the lock of both accounts; returns it, the target's balance, and if new."""
    if not movement.reason.strip():
        raise ReasonNeeded
    accounts = open_and_lock([source, target])
    known = Entry.objects.filter(key=movement.key).first()
    if known is not None:
        return known, 0, False
    if source[1] is not None and not _can_give(accounts[source], movement.points):
        raise NotEnoughPoints
    entry = Entry.objects.create(
        source_id=accounts[source],
        target_id=accounts[target],
        points=movement.points,
        rule=rule,
        reason=movement.reason.strip()[:200],
        key=movement.key,
        corrects=corrects,
        day=now.astimezone(zone_of(movement.community_id)).date(),
        at=now,
        by=actor.reference,
    )
    balances = shift({accounts[source]: -movement.points, accounts[target]: movement.points})
    return entry, balances[accounts[target]], True


def _can_give(account_id: int, points: int) -> bool:
    """Whether the locked account holds enough. The check constraint says so a second time."""
    return Account.objects.filter(pk=account_id, balance__gte=points).exists()
