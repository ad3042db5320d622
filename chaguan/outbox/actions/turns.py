"""Whose turn it is to count: guards count what went to a member or community, one claim at a time.

Two workers that claim for the same person at one moment do not see each other's rows yet; both would count
the same and both would send. So a claim takes the turn of everybody it may have to count for, until it
commits; who comes second waits that long and then sees what the first one claimed.
"""

from collections.abc import Sequence

from django.db import connection

from chaguan.outbox.models import OutboxRow

MEMBER, COMMUNITY, ALL = (
    kind << 60 for kind in (1, 2, 3)
)  # above every id; no other lock uses them
MOST = 500  # single turns of one claim; PostgreSQL keeps room for 6,400 locks of everybody

_EACH = """
SELECT pg_advisory_xact_lock_shared(%s);
SELECT pg_advisory_xact_lock(turn) FROM unnest(%s::bigint[]) AS turn
"""


def take_turns(rows: Sequence[OutboxRow]) -> None:
    """Take the turns of the members and, for promotions, the communities of these rows. One round trip.

    Turns are taken in one order, so that two claims never wait for each other. A claim for very many takes
    the turn of all. SQLite has one writer: there it is always one's turn.
    """
    turns = _turns(rows)
    if connection.vendor != "postgresql" or not turns:
        return
    with connection.cursor() as cursor:
        if len(turns) > MOST:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ALL])
        else:
            cursor.execute(_EACH, [ALL, sorted(turns)])


def _turns(rows: Sequence[OutboxRow]) -> set[int]:
    turns = set()
    for row in rows:
        if row.member_id is not None and row.kind == "touch":
            turns.add(MEMBER | row.member_id)
        if row.community_id is not None and row.is_promotion:
            turns.add(COMMUNITY | row.community_id)
    return turns
