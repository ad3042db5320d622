"""Opening and locking accounts, for the actions of this app. Each is one statement for any number."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection

from chaguan.kernel.rowset import rowset
from chaguan.rewards.models import Account
from chaguan.rewards.types import House

_OPEN = """
INSERT INTO rewards_account (community_id, member_id, house, balance)
SELECT v.community_id, v.member_id, v.house, 0 FROM ({rows}) AS v WHERE 1 = 1
ON CONFLICT DO NOTHING
"""
_SHIFT = """
UPDATE rewards_account SET balance = balance + v.points FROM ({rows}) AS v
WHERE rewards_account.id = v.account_id
RETURNING rewards_account.id, rewards_account.balance
"""
_ACCOUNT = {"community_id": "bigint", "member_id": "bigint", "house": "text"}

Holder = tuple[int, int | None, str]  # community, member or None, house account or ""


def member_holder(community_id: int, member_id: int) -> Holder:
    """The account of one member in one community."""
    return community_id, member_id, ""


def house_holder(community_id: int, house: House) -> Holder:
    """An account of the house in one community."""
    return community_id, None, house.value


def open_and_lock(holders: Collection[Holder]) -> dict[Holder, int]:
    """Open the accounts that are missing and lock all, in id order; returns their ids."""
    wanted = sorted(set(holders), key=str)
    rows, parameters = rowset(_ACCOUNT, wanted)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN.format(rows=rows), parameters)
    found = Account.objects.filter(
        community_id__in={holder[0] for holder in wanted},
    )
    members = [holder[1] for holder in wanted if holder[1] is not None]
    found = found.filter(member_id__in=members) | found.filter(member_id__isnull=True)
    locked = found.order_by("pk").select_for_update()
    return {
        (community_id, member_id, house): pk
        for pk, community_id, member_id, house in locked.values_list(
            "pk", "community_id", "member_id", "house"
        )
    }


def shift(points_by_account: Mapping[int, int]) -> dict[int, int]:
    """Add points (or take them, below zero) to locked accounts; returns the balances after it."""
    rows, parameters = rowset(
        {"account_id": "bigint", "points": "bigint"}, sorted(points_by_account.items())
    )
    with connection.cursor() as cursor:
        cursor.execute(_SHIFT.format(rows=rows), parameters)
        after: list[Any] = cursor.fetchall()
    return {row[0]: row[1] for row in after}
