"""Who talks to a member in each of her communities: the playbooks, or a colleague herself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaguan.communities.selectors.homes import Home
from chaguan.console.lines.actors import actor_names
from chaguan.kernel.actor import Actor
from chaguan.playbooks.policies import may_take_over
from chaguan.playbooks.selectors.pauses import held_in, open_takeovers_of

if TYPE_CHECKING:
    from chaguan.outbox.contract import OutboxRow
    from chaguan.playbooks.models import TakeOver

SHOWN = 50


@dataclass(frozen=True)
class Talk:
    """One community of the member; `open` when a person talks herself."""

    community_id: int
    place: str
    open: "TakeOver | None"
    who: str
    held: "Sequence[OutboxRow]" = ()  # what the playbooks would have said meanwhile


def talks_of(actor: Actor, member_id: int, homes: Sequence[Home]) -> list[Talk]:
    """The communities the member is in and where this person may take over.

    Queries: at most 2, and one for each talk that a person leads herself.
    """
    mine = [home for home in homes if home.is_in and may_take_over(actor, home.community_id)]
    if not mine:
        return []
    taken = open_takeovers_of(actor, [member_id])
    names = actor_names({row.by for row in taken.values()})
    talks = []
    for home in mine:
        row = taken.get((member_id, home.community_id))
        who, held = (names.get(row.by, ""), list(held_in(row)[:SHOWN])) if row else ("", [])
        talks.append(Talk(home.community_id, home.name, row, who, held))
    return talks
