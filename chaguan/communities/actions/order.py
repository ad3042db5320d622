"""Noting what was done to keep order, by those who do it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.events import AdRemoved
from chaguan.communities.policies import may_keep_order
from chaguan.eventlog.actions import record_many
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require

MOST = 50


@transaction.atomic
def note_ads_removed(actor: Actor, community_id: int, amount: int, *, now: datetime) -> None:
    """Count advertisements that were taken out just now; reminders of the rules follow the count.

    Emits: AdRemoved, one for each. Raises: Refused (may_keep_order), Invalid.
    """
    require(may_keep_order(actor, community_id))
    if not 1 <= amount <= MOST:
        raise Invalid(_("Write a number from 1 to %(most)d.") % {"most": MOST})
    record_many([(AdRemoved(community_id), now)] * amount, actor=actor)
