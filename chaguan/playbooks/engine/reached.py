"""Who a kind's due steps are for, as rows: for kinds that act on members through other apps' actions."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from chaguan.playbooks.contract import Targets


@dataclass(frozen=True)
class Reached:
    """One member a step has come to."""

    member_id: int
    community_id: int
    run_id: int


def members_reached(targets: Targets) -> dict[int, list[Reached]]:
    """The members behind the targets, by step. One statement."""
    found: dict[int, list[Reached]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.step_id, t.member_id, t.community_id, t.run_id"
            f" FROM ({targets.sql}) AS t WHERE t.member_id IS NOT NULL ORDER BY t.member_id",
            targets.params,
        )
        for step_id, member_id, community_id, run_id in cursor.fetchall():
            found[step_id].append(Reached(member_id, community_id, run_id))
    return found
