"""Paying points by rule (积分政策): a batch of facts, a constant number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection, transaction

from chaguan.communities.selectors.zones import zones_of
from chaguan.eventlog.actions import MAX_DEPTH, NewFact, append
from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require
from chaguan.kernel.rowset import rowset
from chaguan.rewards.accounts import Holder, house_holder, member_holder, open_and_lock, shift
from chaguan.rewards.contract import RewardRule, rules
from chaguan.rewards.events import PointsAwarded
from chaguan.rewards.policies import may_pay_by_rule
from chaguan.rewards.types import House

HISTORY = "system:import"  # imported history is not rewarded a second time

# The cap is counted where it is paid: what was paid in the period, plus the place in this batch.
_PAY = """
WITH given AS ({rows}),
fresh AS (
    SELECT g.*,
        ROW_NUMBER() OVER (PARTITION BY g.rule, g.target_id, g.since ORDER BY g.event_id) AS nth,
        (SELECT COUNT(*) FROM rewards_entry paid
         WHERE paid.target_id = g.target_id AND paid.rule = g.rule
           AND paid.day BETWEEN g.since AND g.until) AS paid
    FROM given g
    WHERE NOT EXISTS (SELECT 1 FROM rewards_entry known
                      WHERE known.rule = g.rule AND known.event_id = g.event_id)
)
INSERT INTO rewards_entry (source_id, target_id, points, rule, reason, event_id, day, at, by)
SELECT source_id, target_id, points, rule, '', event_id, day, at, by FROM fresh
WHERE paid + nth <= times
ON CONFLICT DO NOTHING
RETURNING id, source_id, target_id, points, rule, event_id
"""
_COLUMNS = {
    "source_id": "bigint",
    "target_id": "bigint",
    "points": "integer",
    "rule": "text",
    "event_id": "bigint",
    "day": "date",
    "at": "timestamptz",
    "by": "text",
    "times": "integer",
    "since": "date",
    "until": "date",
}


@dataclass(frozen=True)
class Due:
    """Points that a rule gives for a fact, before caps."""

    rule: RewardRule
    fact: Logged
    day: date
    source: Holder
    target: Holder
    points: int


class Paid(NamedTuple):
    """An entry as the statement returned it."""

    entry_id: int
    source_id: int
    target_id: int
    points: int
    rule: str
    event_id: int


@transaction.atomic
def pay_by_rules(actor: Actor, batch: Sequence[Logged]) -> int:
    """Pay what the rules give for these facts; returns the entries written.

    A fact pays once per rule, however often it is delivered: unique(rule, event) settles it.
    Emits: PointsAwarded, caused by the fact. Raises: Refused (may_pay_by_rule).
    Queries: 6, whatever the size of the batch.
    """
    require(may_pay_by_rule(actor))
    due = _due(batch)
    if not due:
        return 0
    accounts = open_and_lock([holder for d in due for holder in (d.source, d.target)])
    paid = _insert(actor, due, accounts)
    if paid:
        _settle(actor, due, paid)
    return len(paid)


def _due(batch: Sequence[Logged]) -> list[Due]:
    living = [
        fact
        for fact in batch
        if fact.community_id and fact.member_id and not fact.actor.startswith(HISTORY)
    ]
    zones = zones_of({fact.community_id for fact in living if fact.community_id})
    found = []
    for fact in living:
        assert fact.community_id is not None
        assert fact.member_id is not None
        for _code, rule in rules:
            points = rule.amount(fact) if rule.on.name == fact.name else 0
            if points <= 0:
                continue
            found.append(
                Due(
                    rule,
                    fact,
                    fact.at.astimezone(zones[fact.community_id]).date(),
                    house_holder(fact.community_id, House.ISSUED),
                    member_holder(fact.community_id, fact.member_id),
                    points,
                )
            )
    return found


def _insert(actor: Actor, due: Sequence[Due], accounts: dict[Holder, int]) -> list[Paid]:
    given = []
    for d in due:
        since, until = d.rule.cap.period(d.day)
        given.append(
            (
                accounts[d.source],
                accounts[d.target],
                d.points,
                d.rule.code,
                d.fact.id,
                d.day.isoformat(),
                d.fact.at,
                actor.reference,
                d.rule.cap.times,
                since.isoformat(),
                until.isoformat(),
            )
        )
    rows, parameters = rowset(_COLUMNS, given)
    with connection.cursor() as cursor:
        cursor.execute(_PAY.format(rows=rows), parameters)
        return [Paid(*row) for row in cursor.fetchall()]


def _settle(actor: Actor, due: Sequence[Due], paid: Sequence[Paid]) -> None:
    """Move the balances and tell the log: two statements."""
    change: dict[int, int] = defaultdict(int)
    for entry in paid:
        change[entry.target_id] += entry.points
        change[entry.source_id] -= entry.points
    balances = shift(change)
    running = {account: after - change[account] for account, after in balances.items()}
    facts = {d.fact.id: d.fact for d in due}
    told = []
    for entry in sorted(paid):
        running[entry.target_id] += entry.points
        fact = facts[entry.event_id]
        if fact.depth >= MAX_DEPTH:
            continue
        told.append(
            NewFact(
                source="rewards.entry",
                source_id=str(entry.entry_id),
                name=PointsAwarded.name,
                at=fact.at,
                community_id=fact.community_id,
                room_id=None,
                member_id=fact.member_id,
                actor=actor.reference,
                caused_by=fact.id,
                depth=fact.depth + 1,
                payload={
                    "points": entry.points,
                    "rule": entry.rule,
                    "entry_id": entry.entry_id,
                    "balance": running[entry.target_id],
                },
            )
        )
    append(told)
