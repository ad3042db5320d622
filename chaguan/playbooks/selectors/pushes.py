"""Rests of recurrent promotions, as screens show them."""

from collections.abc import Sequence

from chaguan.communities.selectors.rights import communities_visible_to
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.playbooks.models import PushRest


def push_rests(actor: Actor) -> Sequence[PushRest]:
    """The rests of now in communities where the actor runs playbooks, newest first. One statement."""
    mine = communities_visible_to(actor, Right.RUN_PLAYBOOKS).values("pk")
    rows = PushRest.objects.filter(ended_at__isnull=True, community__in=mine)
    return list(rows.select_related("community").order_by("-since"))


def push_rest_of(community_id: int) -> PushRest | None:
    """The rest a community's promotions take now. The caller checked who may look."""
    rows = PushRest.objects.filter(community=community_id, ended_at__isnull=True)
    return rows.select_related("community").first()
