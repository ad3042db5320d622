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
from chaguan.kernel.rowset import ids_in
from chaguan.outbox.contract import Hold, OutboxRow, guards
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.limits import limits_from

CONTACTS_PER_DAY = 3
_WENT = ("sent", "claimed", "unknown")


def contacts_per_day(settings: Mapping[str, Any]) -> int:
    """What a community allows; what is missing or unreadable is the default."""
    caps = settings.get("caps")
    given = caps.get("contacts_per_day") if isinstance(caps, dict) else None
    return given if isinstance(given, int) and given >= 0 else CONTACTS_PER_DAY


@remembered
def _settings(place_ids: set[int]) -> dict[int, dict[str, Any]]:
    return settings_of(place_ids)


@guards.add("limits.contacts")
def contacts(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Private messages beyond the day's number wait for the next morning, in the order they are due.

    Statements: one for the settings and one for each community that has a private message due.
    """
    by_place: dict[int, list[OutboxRow]] = defaultdict(list)
    for row in rows:
        is_private = row.kind == "touch" and row.member_id is not None and not row.is_urgent
        if is_private and row.community_id is not None:
            by_place[row.community_id].append(row)
    settings = _settings(set(by_place)) if by_place else {}
    holds: list[Hold] = []
    claimed: Counter[int] = Counter()  # of this batch, over all communities
    for place, mine in by_place.items():
        if place in settings:
            holds += _over(mine, settings[place], claimed, now)
    return holds


def _over(
    rows: Sequence[OutboxRow], settings: Mapping[str, Any], claimed: Counter[int], now: datetime
) -> list[Hold]:
    limits, most = limits_from(settings), contacts_per_day(settings)
    went = all_rows().filter(
        kind="touch",
        is_urgent=False,
        member_id__in=ids_in({row.member_id or 0 for row in rows}),
        state__in=_WENT,
        claimed_at__gte=limits.midnight(now),
    )
    mine = {row.pk for row in rows}
    today = Counter(member for pk, member in went.values_list("pk", "member_id") if pk not in mine)
    holds = []
    for row in sorted(rows, key=lambda row: (row.due_at, row.pk)):
        member = row.member_id or 0
        if today[member] + claimed[member] >= most:
            holds.append(Hold(row.pk, "contacts_cap", limits.next_morning(now)))
        else:
            claimed[member] += 1
    return holds
