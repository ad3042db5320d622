"""Questions about the log. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from chaguan.eventlog.contract import Logged, subscribers
from chaguan.eventlog.models import LoggedEvent, ParkedEvent, Subscription
from chaguan.eventlog.reading import end_of_log
from chaguan.kernel.errors import Missing
from chaguan.kernel.rowset import rowset


def facts_of_member(member_id: int) -> QuerySet[LoggedEvent]:
    """All facts about one member, newest first. The caller has checked who may look."""
    return LoggedEvent.objects.filter(member_id=member_id).order_by("-at", "-id")


def facts_of_community(community_id: int) -> QuerySet[LoggedEvent]:
    """All facts in one community, newest first. The caller has checked who may look."""
    return LoggedEvent.objects.filter(community_id=community_id).order_by("-at", "-id")


def facts_named(names: Collection[str], member_ids: Collection[int]) -> QuerySet[LoggedEvent]:
    """Facts of these names about these members, oldest first. The caller has checked who may look."""
    rows = LoggedEvent.objects.filter(name__in=names, member_id__in=member_ids)
    return rows.order_by("at", "id")


def facts_by_staff() -> QuerySet[LoggedEvent]:
    """What people with a login did, newest first."""
    return LoggedEvent.objects.filter(actor__startswith="staff:").order_by("-id")


def known_source_ids(source: str, source_ids: Collection[str]) -> set[str]:
    """Which of a source's ids the log has. For counting and deciding; the unique key guards the writing."""
    if not source_ids:
        return set()
    given, params = rowset({"source_id": "text"}, [(source_id,) for source_id in source_ids])
    sql = (
        f"SELECT e.source_id FROM ({given}) AS v"
        " CROSS JOIN eventlog_event AS e WHERE e.source = %s AND e.source_id = v.source_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, source])
        return {row[0] for row in cursor.fetchall()}


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


def readable_end() -> tuple[int, int]:
    """The place (commit order, id) up to which the log may be copied now."""
    end = end_of_log()
    return end.xact, end.id


def slice_statement(fields: str, after: tuple[int, int], until: tuple[int, int]) -> str:
    """SQL without parameters for the facts behind `after` up to `until`, in commit order.

    For bulk readers that bring their own driver; both places come from `readable_end`.
    """
    if connection.vendor == "postgresql":
        where = "(xact, id) > ({:d}, {:d}) AND (xact, id) <= ({:d}, {:d})"
        return (
            f"SELECT {fields} FROM eventlog_event WHERE {where.format(*after, *until)}"
            " ORDER BY xact, id"
        )
    where = f"id > {after[1]:d} AND id <= {until[1]:d}"
    return f"SELECT {fields} FROM eventlog_event WHERE {where} ORDER BY id"


def print_of(event_id: int) -> str:
    """A short text that is the same only for the same row: tells a copy that it belongs to this log."""
    row = (
        LoggedEvent.objects.filter(pk=event_id)
        .values_list("name", "at", "recorded_at", "community_id", "member_id")
        .first()
    )
    return repr(row) if row else ""
