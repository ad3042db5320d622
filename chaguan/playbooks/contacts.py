"""Guard of the outbox: how often a person is written to alone in a day, whatever playbook wants it.

Counted are private messages that went out, or may have, since the local midnight; promotions or not. What
people send by hand is their own. A community's settings may say `caps: {"contacts_per_day": 2}`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chaguan.communities.selectors.audiences import settings_of
from chaguan.kernel.remembering import remembered
from chaguan.outbox.contract import Hold, OutboxRow, guards
from chaguan.outbox.selectors import written_to
from chaguan.playbooks.limits import limits_from

CONTACTS_PER_DAY = 3


def contacts_per_day(settings: Mapping[str, Any]) -> int:
    """What a community allows; what is missing or unreadable is the default."""
    caps = settings.get("caps")
    given = caps.get("contacts_per_day") if isinstance(caps, dict) else None
    return given if isinstance(given, int) and given >= 0 else CONTACTS_PER_DAY


@remembered
def _settings(place_ids: set[int]) -> dict[int, dict[str, Any]]:
    return settings_of(place_ids) if place_ids else {}


@guards.add("limits.contacts")
def contacts(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Private messages beyond the day's number wait for the next morning, in the order they are due.

    Statements: one for the settings and one for what went out today.
    """
    private = [row for row in rows if row.kind == "touch" and row.member_id and not row.is_urgent]
    settings = _settings({row.community_id for row in private if row.community_id is not None})
    limits = {place: limits_from(given) for place, given in settings.items()}
    mine = [row for row in private if row.community_id in settings]
    if not mine:
        return []
    went = _went(mine, min(limit.midnight(now) for limit in limits.values()))
    holds = []
    claimed: Counter[int] = Counter()  # of this batch, over all communities
    for row in sorted(mine, key=lambda row: (row.due_at, row.pk)):
        place, member = row.community_id or 0, row.member_id or 0
        midnight = limits[place].midnight(now)
        today = sum(at >= midnight for at in went.get(member, ()))
        if today + claimed[member] >= contacts_per_day(settings[place]):
            holds.append(Hold(row.pk, "contacts_cap", limits[place].next_morning(now)))
        else:
            claimed[member] += 1
    return holds


def _went(rows: Sequence[OutboxRow], since: datetime) -> dict[int, list[datetime]]:
    """When these people were written to alone since then, these rows left out."""
    mine = {row.pk for row in rows}
    found: dict[int, list[datetime]] = defaultdict(list)
    for one in written_to({row.member_id for row in rows if row.member_id}, since):
        if one.kind == "touch" and not one.is_urgent and one.row_id not in mine:
            found[one.member_id].append(one.claimed_at)
    return found
