"""The sender: drains the outbox. Claim in one transaction, call outside any, record in a second one.

When a lease has run out the sender died, perhaps in the middle of the call. A row whose call had not begun
goes back in line. Otherwise: a channel that delivers one key once gets it again; one that can look back is
asked; for all others the row becomes `unknown` and a person decides. We never guess, and never send twice
in silence.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext_noop

from chaguan.channels.contract import Connector, DeliveryError, Outgoing, SendsMany, connectors
from chaguan.channels.events import MessageSent
from chaguan.channels.models import Account
from chaguan.communities.selectors.addresses import addresses_of_rooms
from chaguan.eventlog.actions import record, record_many
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox import actions as outbox
from chaguan.outbox.actions import Outcome, Rate
from chaguan.outbox.contract import OutboxRow
from chaguan.people.selectors.addresses import addresses_of

Sending = tuple[OutboxRow, Outgoing]

log = structlog.get_logger(__name__)
SENDER = Actor.system("sender")
BATCH = 1000
TOGETHER = (
    250  # messages in one call of a channel that takes many, and in one record of what came of it
)
# Kept as they are and translated when they are shown.
LOST = gettext_noop("The program ended in the middle of the call.")
FOUND = gettext_noop("Found at the channel.")


def tick(now: datetime) -> int:
    """Settle what dead senders left, then send what is due. Returns how many rows were handled."""
    accounts = {account.pk: account for account in Account.objects.filter(is_active=True)}
    lost = outbox.take_lost(now)
    _settle(_outgoing(lost, accounts))
    asleep = set(Account.objects.filter(is_active=False).values_list("pk", flat=True))
    rows = outbox.claim(
        now,
        rates=_rates(accounts),
        reached=_reached(accounts),
        asleep=asleep,
        slow=_slow(accounts),
        limit=BATCH,
    )
    _deliver(_outgoing(rows, accounts))
    return len(lost) + len(rows)


def _rates(accounts: dict[int, Account]) -> dict[int, Rate]:
    """The limit of each account: the channel's, or a lower one from its settings.

    The burst counts inside the minute: burst + 60 s at the steady rate is the limit, so that no window of
    a minute ever exceeds it. An account with one a minute gets its next a minute later, with none never.
    """
    rates = {}
    for pk, account in accounts.items():
        limits = connectors.get(account.connector).limits
        per_minute = min(limits.per_minute, int(account.settings.get("per_minute", 10**9)))
        if per_minute < 1:
            rates[pk] = Rate(per_second=0, burst=0)
            continue
        burst = max(1, min(limits.burst, per_minute // 2))
        rates[pk] = Rate(per_second=max(1, per_minute - burst) / 60, burst=burst)
    return rates


def _reached(accounts: dict[int, Account]) -> dict[int, frozenset[str]]:
    return {pk: connectors.get(account.connector).reaches for pk, account in accounts.items()}


def _slow(accounts: dict[int, Account]) -> set[int]:
    """Accounts whose messages go out one by one."""
    return {
        pk
        for pk, account in accounts.items()
        if not isinstance(connectors.get(account.connector), SendsMany)
    }


def _outgoing(rows: Sequence[OutboxRow], accounts: dict[int, Account]) -> list[Sending]:
    """Give each row the channel's own ids of its room and member. Two statements per channel."""
    rooms = addresses_of_rooms({row.room_id for row in rows if row.room_id is not None})
    members: dict[tuple[str, int], str] = {}
    for connector in {row.connector for row in rows if row.member_id is not None}:
        ids = {r.member_id for r in rows if r.connector == connector and r.member_id is not None}
        found = addresses_of(ids, connector)
        members |= {(connector, pk): address for pk, address in found.items()}
    pairs = []
    for row in rows:
        room = rooms.get(row.room_id) if row.room_id is not None else None
        member = members.get((row.connector, row.member_id), "") if row.member_id else ""
        account = accounts.get(row.account_id)
        message = Outgoing(
            key=row.key,
            kind=row.kind,
            text=row.text,
            account_id=row.account_id,
            account_settings=account.settings if account else {},
            room_external_id=room.external_id if room else "",
            member_external_id=member,
            community_id=row.community_id,
            room_id=row.room_id,
            member_id=row.member_id,
            outbox_id=row.pk,
        )
        pairs.append((row, message))
    return pairs


def _deliver(pairs: Sequence[Sending]) -> None:
    """Send them: one by one, or together where the channel takes many. In order within each account."""
    together: dict[str, list[Sending]] = defaultdict(list)
    takes_many = {
        code: isinstance(connectors.get(code), SendsMany)
        for code in {r.connector for r, _ in pairs}
    }
    for row, message in pairs:
        if takes_many[row.connector]:
            together[row.connector].append((row, message))
        else:
            _send(row, message)
    for code, mine in together.items():
        for start in range(0, len(mine), TOGETHER):
            _send_together(connectors.get(code), mine[start : start + TOGETHER])


def _send_together(connector: Connector, pairs: Sequence[Sending]) -> None:
    """One call and one record for all. A crash between the two sends them again under the same keys."""
    assert isinstance(connector, SendsMany)
    try:
        answers = connector.send_many([message for _row, message in pairs])
    except (
        Exception
    ):  # whatever it was, nothing is known of any: one by one each gets its own outcome
        log.exception("connector raised; its messages go one by one", count=len(pairs))
        for row, message in pairs:
            _send(row, message)
        return
    sent = []
    for (row, _message), answer in zip(pairs, answers, strict=True):
        if isinstance(answer, DeliveryError):
            _finish(row, _refusal(answer))
        else:
            sent.append((row, answer))
    _finish_together(sent)


def _send(row: OutboxRow, message: Outgoing) -> None:
    connector = connectors.get(row.connector)
    if connector.is_idempotent or outbox.note_call(row, now=clock.now()):
        _finish(row, _call(connector, message))


def _call(connector: Connector, message: Outgoing) -> Outcome:
    """Hand one message to its channel. Whatever goes wrong becomes an outcome."""
    try:
        return Outcome("sent", external_id=connector.send(message))
    except DeliveryError as error:
        return _refusal(error)
    except Exception as error:  # a bug in a connector: we cannot know whether it went out
        log.exception("connector raised", key=message.key)
        detail = f"{type(error).__name__}: {error}"
        if connector.is_idempotent:
            return Outcome("retry", detail=detail)
        return Outcome("unknown", detail=detail)


def _refusal(error: DeliveryError) -> Outcome:
    if error.retry:
        return Outcome("retry", detail=str(error), after_s=error.after_s)
    return Outcome("failed", detail=str(error))


def _settle(lost: Sequence[Sending]) -> None:
    """A sender died with these rows in hand: again in line, found, or in doubt."""
    again = []
    for row, message in lost:
        connector = connectors.get(row.connector)
        if connector.is_idempotent or row.called_at is None:
            again.append(row)
            continue
        found = connector.find(message)
        if found:
            _finish(row, Outcome("sent", external_id=found, detail=FOUND))
        elif found == "":
            again.append(row)
        else:
            _finish(row, Outcome("unknown", detail=LOST))
    if again:
        outbox.requeue_lost(again)


@transaction.atomic
def _finish(row: OutboxRow, outcome: Outcome) -> None:
    """Record the outcome and, when it went out, the fact, together."""
    now = clock.now()
    if outbox.finish(row, outcome, now=now) and outcome.result == "sent":
        record(MessageSent.of(row), actor=SENDER, at=now, source="outbox", source_id=str(row.pk))


@transaction.atomic
def _finish_together(sent: Sequence[tuple[OutboxRow, str]]) -> None:
    """Record that these went out, and the facts, together. What somebody else took over is left to him."""
    if not sent:
        return
    now = clock.now()
    ours = outbox.finish_sent(sent, now=now)
    mine = [row for row, _external_id in sent if row.pk in ours]
    record_many(
        [(MessageSent.of(row), now) for row in mine],
        actor=SENDER,
        source="outbox",
        source_ids=[str(row.pk) for row in mine],
    )
