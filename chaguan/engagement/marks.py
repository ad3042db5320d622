"""The one statement that enters sign-ins and keeps the streaks, whoever asks for it.

Streaks are kept on the rows, so that "seven days in a row" is an index read and never a walk.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection

from chaguan.engagement.types import Presence
from chaguan.kernel.rowset import rowset

CHUNK = 1000
_COLUMNS = {
    "community_id": "bigint",
    "member_id": "bigint",
    "day": "date",
    "at": "timestamptz",
    "way": "text",
    "day_before": "date",
}

_INSERT = """
INSERT INTO engagement_signin (community_id, member_id, day, at, way, streak_days)
SELECT v.community_id, v.member_id, v.day, v.at, v.way,
       1 + COALESCE((SELECT p.streak_days FROM engagement_signin p
                     WHERE p.community_id = v.community_id AND p.member_id = v.member_id
                       AND p.day = v.day_before), 0)
FROM ({values}) AS v WHERE 1 = 1
ON CONFLICT (community_id, member_id, day) DO NOTHING
RETURNING id, community_id, member_id, streak_days
"""

# A day entered late joins the run that began on the day after it: exactly the rows of that run have
# a streak equal to their distance from the new day.
_JOIN_LATER = """
UPDATE engagement_signin AS later SET streak_days = later.streak_days + fresh.streak_days
FROM engagement_signin AS fresh
WHERE fresh.id IN ({ids}) AND later.community_id = fresh.community_id
  AND later.member_id = fresh.member_id AND later.day > fresh.day
  AND later.streak_days = {distance}
"""


class Marked(NamedTuple):
    """A presence that was new, and the streak that ends on its day."""

    presence: Presence
    streak_days: int


def enter(presences: Iterable[Presence]) -> list[Marked]:
    """Write the sign-ins that are new, one statement per local day and 1,000 members."""
    first: dict[tuple[int, int, Any], Presence] = {}
    for presence in presences:
        first.setdefault((presence.community_id, presence.member_id, presence.day), presence)
    by_day: dict[Any, list[Presence]] = {}
    for presence in first.values():
        by_day.setdefault(presence.day, []).append(presence)
    marked: list[Marked] = []
    for day in sorted(by_day):
        rows = by_day[day]
        for start in range(0, len(rows), CHUNK):
            marked += _enter_day(rows[start : start + CHUNK])
    return marked


def _enter_day(rows: Sequence[Presence]) -> list[Marked]:
    before = (rows[0].day - timedelta(days=1)).isoformat()
    values, parameters = rowset(
        _COLUMNS,
        [(r.community_id, r.member_id, r.day.isoformat(), r.at, r.way.value, before) for r in rows],
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(values=values), parameters)
        fresh = cursor.fetchall()
        if fresh:
            ids = ", ".join(str(int(row[0])) for row in fresh)
            cursor.execute(_JOIN_LATER.format(ids=ids, distance=_distance()))
    known = {(r.community_id, r.member_id): r for r in rows}
    return [Marked(known[row[1], row[2]], row[3]) for row in fresh]


def _distance() -> str:
    """An expression: whole days from the new day to the later one."""
    if connection.vendor == "postgresql":
        return "(later.day - fresh.day)"
    return "CAST(julianday(later.day) - julianday(fresh.day) AS INTEGER)"
