"""Check-ins (打卡) on a prompt: asking for them, and answering."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chaguan.communities.selectors.zones import zone_of
from chaguan.engagement.errors import AlreadyCheckedIn, CheckInClosed
from chaguan.engagement.events import CheckedIn, CheckInAsked
from chaguan.engagement.models import CheckIn, CheckInAsk
from chaguan.engagement.policies import may_ask_check_in, may_check_in
from chaguan.eventlog.actions import record, record_many
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.kernel.policy import require


@dataclass(frozen=True)
class NewAsk:
    """A prompt for the members of one community. `key` is built from its cause; `closes_at` None: open."""

    key: str
    community_id: int
    prompt: str
    opens_at: datetime
    closes_at: datetime | None = None


@transaction.atomic
def ask_check_ins(actor: Actor, asks: Sequence[NewAsk], *, now: datetime) -> dict[str, int]:
    """Open prompts; returns the id of each by its key. The same key twice is one prompt.

    Emits: CheckInAsked, once per key. Raises: Refused (may_ask_check_in).
    Queries: 3, and the facts, whatever the number of asks.
    """
    for community_id in sorted({ask.community_id for ask in asks}):
        require(may_ask_check_in(actor, community_id))
    CheckInAsk.objects.bulk_create(
        [
            CheckInAsk(
                key=ask.key,
                community_id=ask.community_id,
                prompt=ask.prompt[:280],
                opens_at=ask.opens_at,
                closes_at=ask.closes_at,
                by=actor.reference,
            )
            for ask in asks
        ],
        ignore_conflicts=True,
    )
    rows = CheckInAsk.objects.filter(key__in=[ask.key for ask in asks])
    found = {row.key: row for row in rows}
    record_many(
        [(CheckInAsked(row.community_id, row.pk, row.key), now) for row in found.values()],
        actor=actor,
        source="engagement.ask",
        source_ids=list(found),
    )
    return {key: row.pk for key, row in found.items()}


@transaction.atomic
def check_in(actor: Actor, ask_id: int, *, now: datetime, note: str = "") -> CheckIn:
    """Record the acting member's answer to a prompt.

    Emits: CheckedIn. Raises: Missing, Refused (may_check_in), CheckInClosed, AlreadyCheckedIn.
    Races: the unique constraint settles two taps at once.
    """
    ask = CheckInAsk.objects.filter(pk=ask_id).first()
    if ask is None:
        raise Missing
    require(may_check_in(actor, ask.community_id))
    assert actor.member_id is not None
    if now < ask.opens_at or (ask.closes_at is not None and now >= ask.closes_at):
        raise CheckInClosed
    check_in_row, is_new = CheckIn.objects.get_or_create(
        ask=ask, member_id=actor.member_id, defaults={"at": now, "note": note[:280]}
    )
    if not is_new:
        raise AlreadyCheckedIn
    day = now.astimezone(zone_of(ask.community_id)).date()
    fact = CheckedIn(ask.community_id, actor.member_id, ask.pk, ask.key, day)
    record(fact, actor=actor, at=now)
    return check_in_row
