"""Questions about the log. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from chaguan.eventlog.contract import Logged, subscribers
from chaguan.eventlog.models import LoggedEvent, ParkedEvent, Subscription
from chaguan.eventlog.reading import end_of_log
from chaguan.kernel.errors import Missing


def facts_of_member(member_id: int) -> QuerySet[LoggedEvent]:
    """All facts about one member, newest first. The caller has checked who may look."""
    return LoggedEvent.objects.filter(member_id=member_id).order_by("-at", "-id")


def facts_of_community(community_id: int) -> QuerySet[LoggedEvent]:
    """All facts in one community, newest first. The caller has checked who may look."""
    return LoggedEvent.objects.filter(community_id=community_id).order_by("-at", "-id")


def facts_by_staff() -> QuerySet[LoggedEvent]:
    """What people with a login did, newest first."""
    return LoggedEvent.objects.filter(actor__startswith="staff:").order_by("-id")


def logged(event_id: int) -> Logged:
    """One fact by its id. Raises Missing."""
    row = LoggedEvent.objects.filter(pk=event_id).first()
    if row is None:
        raise Missing
    return as_logged(row)


def as_logged(row: LoggedEvent) -> Logged:
    """The row as subscribers see it."""
    return Logged(
        id=row.pk,
        name=row.name,
        at=row.at,
        community_id=row.community_id,
        room_id=row.room_id,
        member_id=row.member_id,
        actor=row.actor,
        caused_by=row.caused_by,
        depth=row.depth,
        data=row.data,
    )


def chain(event_id: int) -> list[Logged]:
    """The fact and its causes, the first cause first. Raises Missing."""
    links = [logged(event_id)]
    while (cause := links[-1].caused_by) is not None and len(links) < 32:
        row = LoggedEvent.objects.filter(pk=cause).first()
        if row is None:
            break
        links.append(as_logged(row))
    return links[::-1]


@dataclass(frozen=True)
class Lag:
    """How far one subscriber is behind: facts not read yet (an upper bound) and when it last moved."""

    subscriber: str
    facts: int
    moved_at: datetime | None
    behind: timedelta | None


def lag(now: datetime) -> list[Lag]:
    """Every subscriber's lag. Two statements."""
    end = end_of_log()
    rows = {row.name: row for row in Subscription.objects.filter(shard=0)}
    found = []
    for subscriber in subscribers():
        row = rows.get(subscriber.name)
        facts = max(0, end.id - (row.position if row else 0))
        moved_at = row.moved_at if row else None
        behind = now - moved_at if facts and moved_at else None
        found.append(Lag(subscriber.name, facts, moved_at, behind))
    return found


def parked() -> QuerySet[ParkedEvent]:
    """Facts that wait for a person because a subscriber could not digest them."""
    open_rows = ParkedEvent.objects.filter(state=ParkedEvent.State.PARKED)
    return open_rows.select_related("event").order_by("parked_at", "id")
