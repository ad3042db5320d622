"""Keeping the share of members that a community is not for, so that pages need not count."""

from datetime import datetime

from django.db import transaction

from chaguan.communities.models import Community
from chaguan.communities.policies import may
from chaguan.communities.selectors.composition import composition_of, outside_share
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require


@transaction.atomic
def compose(actor: Actor, community_id: int, *, now: datetime) -> float:
    """Count the community's people by stage and keep the share outside its target stages."""
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    share = outside_share(composition_of(community_id))
    Community.objects.filter(pk=community_id).update(outside_share=share, composed_at=now)
    return share
