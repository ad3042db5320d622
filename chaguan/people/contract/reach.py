"""Whose members an actor may see: apps above people say it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Q

from chaguan.kernel.actor import Actor
from chaguan.kernel.registry import Registry


@dataclass(frozen=True)
class Reach:
    """How far a right reaches over members: all of them, or those that `q` selects."""

    is_everyone: bool
    q: Q = field(default_factory=lambda: Q(pk__in=()))
    community_ids: frozenset[int] | None = frozenset()  # None: all


EVERYONE = Reach(True, Q(), None)
NOBODY = Reach(False)

ReachOf = Callable[[Actor, str], Reach]
"""Say how far `right` reaches for an actor. One statement at most; `q` is about people.Member."""

reaches: Registry[ReachOf] = Registry("member reach")


def reach_of(actor: Actor, right: str) -> Reach:
    """How far the actor's right reaches over members. Without a provider only the system sees anyone."""
    if actor.is_system:
        return EVERYONE
    found = NOBODY
    for _code, provider in reaches:
        given = provider(actor, right)
        if given.is_everyone:
            return EVERYONE
        if given.q != NOBODY.q:
            found = (
                given
                if found is NOBODY
                else Reach(
                    False,
                    found.q | given.q,
                    (found.community_ids or frozenset()) | (given.community_ids or frozenset()),
                )
            )
    return found
