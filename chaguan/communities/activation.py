"""Which acts mean "has experienced the product" (激活目标), and whether somebody has done them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from chaguan.communities.models import ActivationGoal
from chaguan.eventlog.contract import Event, catalogue
from chaguan.people.events import ProductUsed

EVERYWHERE = 0  # the place of the goal that holds for communities without their own


@dataclass(frozen=True)
class Act:
    """One act: a fact about the member, where wanted with certain words, so many times after joining."""

    fact: str
    what: str = ""
    times: int = 1


SHIPPED = (Act(ProductUsed.name),)


@dataclass(frozen=True)
class Done:
    """Something a member did, as the log has it."""

    id: int
    fact: str
    at: datetime
    community_id: int | None
    what: str


def countable_facts() -> dict[str, type[Event]]:
    """Facts about a member that may count as an act."""
    return {
        name: fact
        for name, fact in catalogue()
        if "member_id" in {field.name for field in fields(fact)}  # type: ignore[arg-type] # facts are dataclasses
    }


def acts_from(rows: Iterable[Mapping[str, Any]]) -> tuple[Act, ...]:
    """Acts as kept."""
    return tuple(Act(row["fact"], row.get("what", ""), int(row.get("times", 1))) for row in rows)


def as_kept(acts: Sequence[Act]) -> list[dict[str, Any]]:
    """Acts as JSON."""
    return [asdict(act) for act in acts]


def goals() -> dict[int, tuple[Act, ...]]:
    """The goals by community; the one for everywhere is always there. One statement."""
    kept = {row.place: acts_from(row.acts) for row in ActivationGoal.objects.all()}
    return {EVERYWHERE: SHIPPED, **kept}


def reached(
    acts: Sequence[Act], community_id: int, since: datetime, done: Sequence[Done]
) -> Done | None:
    """The act with which the goal was reached after `since`, the earliest of any; None if it was not.

    A fact that names a community counts there only.
    """
    found = []
    for act in acts:
        fitting = [
            one
            for one in done
            if one.fact == act.fact
            and one.at >= since
            and one.community_id in (None, community_id)
            and act.what.casefold() in one.what.casefold()
        ]
        found += fitting[act.times - 1 : act.times]
    return min(found, key=lambda one: (one.at, one.id), default=None)
