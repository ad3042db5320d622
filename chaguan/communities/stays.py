"""Memberships as segment conditions see them: inside the communities the asker may look at."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.models import Membership
from chaguan.people.contract.conditions import Asking, Operand

COMMUNITY = Operand("community", "community", _("Community"))
ANY_COMMUNITY = Operand("community", "community", _("Community"), is_required=False)


def stays(asking: Asking, community_id: int | None) -> QuerySet[Membership]:
    """Present memberships in one community, or (None) in any the asker may look at."""
    here = Membership.objects.filter(state=Membership.State.IN)
    if community_id is not None:
        return here.filter(community_id=community_id)
    if asking.community_ids is not None:
        return here.filter(community_id__in=asking.community_ids)
    return here
