"""Questions about points. Nothing here writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q, QuerySet

from chaguan.communities.selectors import has_right
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.rewards.models import Account, Entry

PAGE = 50

_PROOF = """
SELECT a.id, a.balance, COALESCE(SUM(moved.points), 0) AS total
FROM rewards_account a
LEFT JOIN (
    SELECT target_id AS account_id, points FROM rewards_entry
    UNION ALL
    SELECT source_id, -points FROM rewards_entry
) AS moved ON moved.account_id = a.id
GROUP BY a.id, a.balance HAVING a.balance <> COALESCE(SUM(moved.points), 0)
ORDER BY a.id
"""


@dataclass(frozen=True)
class Difference:
    """An account whose balance is not the sum of its entries. There must be none."""

    account_id: int
    balance: int
    total: int


@dataclass(frozen=True)
class StatementLine:
    """One entry as its holder sees it: points with their sign, and the balance after it."""

    id: int
    at: datetime
    day: date
    points: int
    balance: int
    rule: str
    reason: str
    event_id: int | None
    corrects_id: int | None


def proof() -> list[Difference]:
    """Every account of the house where entries and balance differ. One statement, whatever the size."""
    with connection.cursor() as cursor:
        cursor.execute(_PROOF)
        return [Difference(*row) for row in cursor.fetchall()]


def balance_of(community_id: int, member_id: int) -> int:
    """The points one member holds in one community; 0 before the first entry."""
    rows = Account.objects.filter(community_id=community_id, member_id=member_id)
    return rows.values_list("balance", flat=True).first() or 0


def balances_of(community_id: int, member_ids: Iterable[int]) -> dict[int, int]:
    """The points of several members in one community; those without an account are left out."""
    rows = Account.objects.filter(community_id=community_id, member_id__in=list(member_ids))
    return {
        member: balance for member, balance in rows.values_list("member_id", "balance") if member
    }


def accounts_of_member(member_id: int) -> QuerySet[Account]:
    """The member's accounts over all communities. The caller has checked who may look."""
    return Account.objects.filter(member_id=member_id).order_by("community_id")


def highest_balances(community_id: int) -> QuerySet[Account]:
    """Members of a community by points, highest first. The caller has checked who may look."""
    rows = Account.objects.filter(community_id=community_id, member_id__isnull=False)
    return rows.order_by("-balance", "pk")


def statement_visible_to(
    actor: Actor, community_id: int, member_id: int, *, before_id: int | None = None
) -> list[StatementLine]:
    """A page of one member's entries, newest first; nothing for those who may not look.

    Entries are final, so the balance after each is today's balance less what came later.
    Queries: 3, and those of the right.
    """
    if actor.member_id != member_id and not has_right(actor, Right.VIEW_MEMBERS, community_id):
        return []
    account = Account.objects.filter(community_id=community_id, member_id=member_id).first()
    if account is None:
        return []
    rows = Entry.objects.filter(Q(source=account) | Q(target=account))
    balance = account.balance
    if before_id is not None:
        balance -= _sum(rows.filter(pk__gte=before_id), account.pk)
        rows = rows.filter(pk__lt=before_id)
    lines = []
    for entry in rows.order_by("-pk")[:PAGE]:
        points = entry.points if entry.target_id == account.pk else -entry.points
        lines.append(
            StatementLine(
                entry.pk,
                entry.at,
                entry.day,
                points,
                balance,
                entry.rule,
                entry.reason,
                entry.event_id,
                entry.corrects_id,
            )
        )
        balance -= points
    return lines


def _sum(rows: QuerySet[Entry], account_id: int) -> int:
    pairs = rows.values_list("target_id", "points").iterator()
    return sum(points if target == account_id else -points for target, points in pairs)
