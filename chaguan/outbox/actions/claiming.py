"""Claiming: a short transaction that takes due rows, checks them, renders them and leases them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet

from chaguan.kernel.ids import new_public_id
from chaguan.kernel.rowset import instant, rowset
from chaguan.outbox.actions.expiring import put_off
from chaguan.outbox.actions.turns import take_turns
from chaguan.outbox.contract import guards, renderers
from chaguan.outbox.models import Bucket, OutboxRow

State = OutboxRow.State
LEASE = timedelta(seconds=30)
SETTLING = timedelta(
    seconds=10
)  # to find out about a lost row; who dies at it delays the answer so long


SLOW = 100  # rows of one account in a sender's hands whose calls go out one by one


@dataclass(frozen=True)
class Rate:
    """What one account may send: `burst` at once and `per_second` on average after that."""

    per_second: float
    burst: float


@transaction.atomic
def claim(
    now: datetime,
    *,
    rates: Mapping[int, Rate],
    reached: Mapping[int, frozenset[str]],
    asleep: Collection[int] = (),
    slow: Collection[int] = (),
    limit: int = 100,
) -> list[OutboxRow]:
    """Take up to `limit` due rows and lease them to the caller.

    `rates` by account; an account not in it has no limit. `reached` names the kinds that an account's
    channel delivers itself; other kinds wait for a person, with their text ready. Rows of the accounts
    `asleep` stay planned; of each of the `slow` ones, whose calls take their time, no more are taken than
    a lease lasts for. Rows that guards hold, that need approval or that have expired are settled here, each
    with its reason.
    """
    _expire(now)
    tokens = _tokens(rates, now, Bucket.objects.filter(account_id__in=list(rates)))
    empty = [*asleep, *(account for account, left in tokens.items() if left < 1)]
    due = list(_due(now).exclude(account_id__in=empty)[:limit])
    take_turns(due)
    return _leased(_paid(_at_hand(_ready(due, reached, now), slow), rates, now), now)


def rehearse(
    rows: Sequence[OutboxRow], now: datetime, *, reached: Mapping[int, frozenset[str]]
) -> None:
    """What `claim` does with these due rows, as `claim` orders them, when accounts have no limits.

    The rows change in memory as in the database. For rehearsals, which know their rows.
    """
    late = [row for row in rows if row.expires_at is not None and row.expires_at <= now]
    for row in late:
        row.state, row.reason, row.finished_at = State.EXPIRED, "too_late", now
    _save(late, "state", "reason", "finished_at")
    _leased(_ready([row for row in rows if row.state == State.PLANNED], reached, now), now)


def _ready(
    rows: Sequence[OutboxRow], reached: Mapping[int, frozenset[str]], now: datetime
) -> list[OutboxRow]:
    """Those of the due rows that can go to the channel, with their texts."""
    rows = _after_approval(rows)
    rows = _after_guards(rows, now)
    return _after_reach(_rendered(rows, now), reached)


def _leased(rows: list[OutboxRow], now: datetime) -> list[OutboxRow]:
    for row in rows:
        row.state, row.claimed_at, row.lease_until = State.CLAIMED, now, now + LEASE
        row.claim, row.attempts, row.reason = new_public_id(), row.attempts + 1, ""
    _save(rows, "state", "claimed_at", "lease_until", "claim", "attempts", "reason", "text")
    return rows


@transaction.atomic
def take_lost(now: datetime, *, limit: int = 200) -> list[OutboxRow]:
    """Lease again the rows whose lease ran out: their sender died, perhaps in the middle of the call."""
    lost = OutboxRow.objects.filter(state=State.CLAIMED, lease_until__lte=now).order_by(
        "lease_until"
    )
    rows = list(_locked(lost)[:limit])
    for row in rows:
        row.claim, row.lease_until = new_public_id(), now + SETTLING
    _save(rows, "claim", "lease_until")
    return rows


def note_call(row: OutboxRow, *, now: datetime) -> bool:
    """Write down that the call begins: from here to its end a crash leaves doubt. False: claim lost.

    For channels that cannot take the same key twice. A row whose sender died before this was never sent.
    """
    mine = OutboxRow.objects.filter(pk=row.pk, state=State.CLAIMED, claim=row.claim)
    return bool(mine.update(called_at=now, lease_until=now + LEASE))


def requeue_lost(rows: Sequence[OutboxRow]) -> int:
    """Put lost rows back in line, in one statement: rows whose call had not begun, or whose channel
    delivers one key once, or surely did not get it. Returns how many were still ours.
    """
    mine = OutboxRow.objects.filter(
        pk__in=[row.pk for row in rows],
        claim__in=[row.claim for row in rows],
        state=State.CLAIMED,
    )
    return mine.update(
        state=State.PLANNED,
        claim="",
        lease_until=None,
        called_at=None,
        attempts=F("attempts") - 1,  # a sender's death is not the channel's refusal
    )


def _locked(rows: QuerySet[OutboxRow]) -> QuerySet[OutboxRow]:
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True)
    return rows


def _due(now: datetime) -> QuerySet[OutboxRow]:
    due = OutboxRow.objects.filter(state=State.PLANNED, due_at__lte=now)
    return _locked(due.order_by("due_at", "id"))


_TYPES = {
    **dict.fromkeys(("state", "reason", "text", "claim"), "text"),
    **dict.fromkeys(
        ("due_at", "expires_at", "lease_until", "claimed_at", "finished_at"), "timestamptz"
    ),
    "attempts": "integer",
}


def _save(rows: Sequence[OutboxRow], *fields: str) -> None:
    """Write these fields of all rows. One statement."""
    if not rows:
        return
    given, params = rowset(
        {"id": "bigint", **{name: _TYPES[name] for name in fields}},
        [(row.pk, *(getattr(row, name) for name in fields)) for row in rows],
    )
    changes = ", ".join(f"{name} = v.{name}" for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE outbox_outboxrow SET {changes} FROM ({given}) AS v"
            " WHERE outbox_outboxrow.id = v.id",
            params,
        )


def _expire(now: datetime) -> None:
    late = OutboxRow.objects.filter(state=State.PLANNED, due_at__lte=now, expires_at__lte=now)
    late.update(state=State.EXPIRED, reason="too_late", finished_at=now)


def _after_approval(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Rows that a person must approve are rendered by who shows them; here they only wait."""
    waiting = [row for row in rows if row.needs_approval]
    for row in waiting:
        row.state, row.reason = State.AWAITING_PERSON, "needs_approval"
    texts = _texts(waiting)
    for row in waiting:
        row.text = texts.get(row.pk, "")
    _save(waiting, "state", "reason", "text")
    return [row for row in rows if not row.needs_approval]


def _after_guards(rows: Sequence[OutboxRow], now: datetime) -> list[OutboxRow]:
    """Ask every guard; the first hold of a row counts. Urgent rows pass only guards that let them."""
    left = list(rows)
    for _code, guard in guards:
        holds = {hold.row_id: hold for hold in guard(left, now)} if left else {}
        held = [row for row in left if row.pk in holds]
        for row in held:
            hold = holds[row.pk]
            row.reason = hold.reason
            if hold.until is None:
                row.state, row.finished_at = State.SUPPRESSED, now
            else:
                put_off(row, hold.until, now)
        _save(held, "state", "reason", "due_at", "expires_at", "finished_at")
        left = [row for row in left if row.pk not in holds]
    return left


def _tokens(
    rates: Mapping[int, Rate], now: datetime, buckets: Iterable[Bucket]
) -> dict[int, float]:
    """Tokens per limited account as of now; an account without a bucket has its whole burst."""
    tokens = {account: float(rate.burst) for account, rate in rates.items()}
    for bucket in buckets:
        rate = rates[bucket.account_id]
        passed_s = max(0.0, (now - bucket.filled_at).total_seconds())
        tokens[bucket.account_id] = min(rate.burst, bucket.tokens + passed_s * rate.per_second)
    return tokens


def _at_hand(rows: Sequence[OutboxRow], slow: Collection[int]) -> list[OutboxRow]:
    """As many of the slow accounts' rows as one sender gets through; the others stay planned."""
    taken: Counter[int] = Counter()
    kept = []
    for row in rows:
        taken[row.account_id] += 1
        if row.account_id not in slow or taken[row.account_id] <= SLOW:
            kept.append(row)
    return kept


def _paid(rows: Sequence[OutboxRow], rates: Mapping[int, Rate], now: datetime) -> list[OutboxRow]:
    """Keep what the accounts may send now and take its tokens; the others stay planned and come again.

    The last thing a claim does, because other workers wait for the buckets until it commits.
    """
    limited = {row.account_id: rates[row.account_id] for row in rows if row.account_id in rates}
    if not limited:
        return list(rows)
    buckets = _locked_buckets(limited, now)
    left = _tokens(limited, now, buckets)
    kept = []
    for row in rows:
        if row.account_id not in left:
            kept.append(row)
        elif left[row.account_id] >= 1:
            left[row.account_id] -= 1
            kept.append(row)
    for bucket in buckets:
        bucket.tokens = left[bucket.account_id]
        # Never back: workers wait for each other, and whose turn is later may have looked at the clock
        # first. What was refilled up to the later instant must not be refilled again.
        bucket.filled_at = max(now, bucket.filled_at)
    Bucket.objects.bulk_update(buckets, ["tokens", "filled_at"])
    return kept


_LOCK = """
INSERT INTO outbox_bucket (account_id, tokens, filled_at)
SELECT account_id, tokens, filled_at FROM ({given}) AS v WHERE true ORDER BY account_id
ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id
RETURNING account_id, tokens, filled_at
"""


def _locked_buckets(rates: Mapping[int, Rate], now: datetime) -> list[Bucket]:
    """The buckets, locked; those that are not there yet are made, full. One statement."""
    given, params = rowset(
        {"account_id": "bigint", "tokens": "double precision", "filled_at": "timestamptz"},
        [(account, float(rate.burst), now) for account, rate in sorted(rates.items())],
    )
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format(given=given), params)
        return [
            Bucket(account_id=account, tokens=tokens, filled_at=instant(filled_at) or now)
            for account, tokens, filled_at in cursor.fetchall()
        ]


def _texts(rows: Sequence[OutboxRow]) -> dict[int, str]:
    """Render per renderer: one call for all rows of one kind."""
    texts: dict[int, str] = {}
    for code in {row.renderer for row in rows}:
        texts |= renderers.get(code)([row for row in rows if row.renderer == code])
    return texts


def _rendered(rows: Sequence[OutboxRow], now: datetime) -> list[OutboxRow]:
    texts = _texts(rows)
    failed = [row for row in rows if not texts.get(row.pk)]
    for row in failed:
        row.state, row.reason, row.finished_at = State.FAILED, "no_text", now
    _save(failed, "state", "reason", "finished_at")
    for row in rows:
        row.text = texts.get(row.pk, "")
    return [row for row in rows if row.text]


def _after_reach(
    rows: Sequence[OutboxRow], reached: Mapping[int, frozenset[str]]
) -> list[OutboxRow]:
    """What the channel cannot deliver becomes assisted sending."""
    mine = [row for row in rows if row.kind in reached.get(row.account_id, frozenset())]
    keys = {row.pk for row in mine}
    waiting = [row for row in rows if row.pk not in keys]
    for row in waiting:
        row.state, row.reason = State.AWAITING_PERSON, "no_api"
    _save(waiting, "state", "reason", "text")
    return mine
