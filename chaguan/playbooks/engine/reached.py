"""Who a kind's due steps are for, as rows: for kinds that act on members through other apps' actions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from chaguan.eventlog.contract import Logged
from chaguan.playbooks.contract import Targets


@dataclass(frozen=True)
class Reached:
    """One member a step has come to, and how deep in a chain of causes that is."""

    member_id: int
    community_id: int
    run_id: int
    caused_by: int | None = None
    depth: int = 0

    def cause(self, at: datetime) -> Logged | None:
        """The fact that led here, for `cause=` of what the step does; None at the head of a chain."""
        if self.caused_by is None:
            return None
        return Logged(
            id=self.caused_by,
            name="",
            at=at,
            community_id=self.community_id,
            room_id=None,
            member_id=self.member_id,
            actor="",
            caused_by=None,
            depth=self.depth - 1,
            data={},
        )


# On a personal track the fact is that of her entry: the one of that depth in the second she came in.
_CAUSE = """
CASE WHEN t.depth = 0 OR t.caused_by IS NOT NULL THEN t.caused_by ELSE (
  SELECT max(v.id) FROM eventlog_event AS v
  JOIN playbooks_enrolment AS e ON e.id = t.enrolment_id
  WHERE v.member_id = t.member_id AND v.depth = t.depth - 1
  AND v.at >= {begin} AND v.at < {end}
) END
"""


def members_reached(targets: Targets) -> dict[int, list[Reached]]:
    """The members behind the targets, by step. One statement."""
    found: dict[int, list[Reached]] = defaultdict(list)
    instant = (
        "to_timestamp({})"
        if connection.vendor == "postgresql"
        else "strftime('%%Y-%%m-%%d %%H:%%M:%%S', {}, 'unixepoch')"
    )
    cause = _CAUSE.format(
        begin=instant.format("e.entered_s"), end=instant.format("e.entered_s + 1")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.step_id, t.member_id, t.community_id, t.run_id, {cause}, t.depth"
            f" FROM ({targets.sql}) AS t WHERE t.member_id IS NOT NULL ORDER BY t.member_id",
            targets.params,
        )
        for step_id, *who in cursor.fetchall():
            found[step_id].append(Reached(*who))
    return found


def causes_of(reached: Sequence[Reached], at: datetime) -> dict[int, Logged]:
    """The fact that led to each member; people at the head of a chain are left out."""
    found = {who.member_id: who.cause(at) for who in reached}
    return {member: cause for member, cause in found.items() if cause is not None}
