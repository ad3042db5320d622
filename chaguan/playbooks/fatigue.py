"""Whether people have had enough of a community's promotions (疲劳): they leave after them, or fall silent.

Looked at are the last three days, beside the three before, and the two hours after each promotion.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chaguan.channels.selectors.answers import spoke_after
from chaguan.communities.selectors.departures import departures
from chaguan.communities.selectors.sizes import member_counts
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.models import PushRest

WINDOW = timedelta(days=3)
AFTER = timedelta(hours=2)
FEW_LEAVE = 3  # people: fewer may leave for any reason
SHARE_LEAVES = 0.02  # of those who were in
FEW_ANSWER = 6  # people in the days before: of fewer, half is chance

Said = tuple[int, datetime]  # room, when


@dataclass(frozen=True)
class Tired:
    """Why the promotions of one community should rest."""

    community_id: int
    why: PushRest.Why
    now_count: int
    was_count: int = 0


def tired(since: Mapping[int, datetime], now: datetime) -> list[Tired]:
    """Which of these communities have had enough; `since` is the instant before which nothing counts.

    Statements: four, and two for each community that promoted in both spans.
    """
    said = _said(since, now)
    gone = departures(list(said), now - WINDOW)
    inside = member_counts(list(said))
    found = []
    for community_id, promotions in said.items():
        left = _soon_after(gone.get(community_id, ()), promotions, since[community_id])
        if left >= FEW_LEAVE and left >= SHARE_LEAVES * (inside[community_id] + left):
            found.append(Tired(community_id, PushRest.Why.LEAVES, left))
        elif (fewer := _fewer_answers(community_id, promotions, now)) is not None:
            found.append(fewer)
    return found


def _said(since: Mapping[int, datetime], now: datetime) -> dict[int, list[Said]]:
    """The promotions each community heard in its rooms, in order. One statement."""
    begin = now - 2 * WINDOW
    rows = all_rows().filter(
        community_id__in=list(since),
        due_at__gte=begin - timedelta(days=1),
        finished_at__gte=begin,
        is_promotion=True,
        kind="say",
        state=OutboxRow.State.SENT,
        room_id__isnull=False,
    )
    found: dict[int, list[Said]] = defaultdict(list)
    heard = rows.order_by("finished_at").values_list("community_id", "room_id", "finished_at")
    for community_id, room_id, at in heard:
        if community_id and room_id and at and at >= since[community_id]:
            found[community_id].append((room_id, at))
    return found


def _soon_after(gone: Collection[datetime], promotions: Sequence[Said], since: datetime) -> int:
    """How many went within AFTER of a promotion."""
    times = [at for _room, at in promotions]

    def follows(at: datetime) -> bool:
        before = bisect_right(times, at)
        return before > 0 and at - times[before - 1] <= AFTER

    return sum(at >= since and follows(at) for at in gone)


def _fewer_answers(community_id: int, promotions: Sequence[Said], now: datetime) -> Tired | None:
    """Half as many people say something after as many promotions as before, or more of them."""
    lately = [one for one in promotions if one[1] > now - WINDOW]
    before = [one for one in promotions if one[1] <= now - WINDOW]
    if not before or len(lately) < len(before):
        return None
    was = len(spoke_after(before, AFTER))
    if was < FEW_ANSWER:
        return None
    answer = len(spoke_after(lately, AFTER))
    return Tired(community_id, PushRest.Why.REPLIES, answer, was) if 2 * answer <= was else None
