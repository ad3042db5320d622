"""Condition: has not posted for some days. Who joined later than that is not called quiet."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.models import Membership
from chaguan.communities.stays import ANY_COMMUNITY, stays
from chaguan.people.contract.conditions import Asking, Operand, condition


@condition("quiet_for")
class QuietFor:
    label = _("Days without posting")
    sentence = _("has not posted in {community} for {days} days")
    operands = (ANY_COMMUNITY, Operand("days", "number", _("Days"), minimum=1, maximum=3650))

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q | QuerySet[Membership]:
        since = asking.now - timedelta(days=values["days"])
        here = stays(asking, values["community"])
        if values["community"] is not None:
            silent = Q(last_message_at__isnull=True) | Q(last_message_at__lte=since)
            return here.filter(silent, joined_at__lte=since)
        theirs = here.filter(member_id=OuterRef("pk"))
        spoke = Exists(theirs.filter(last_message_at__gt=since))
        return Q(Exists(theirs.filter(joined_at__lte=since))) & ~Q(spoke)
