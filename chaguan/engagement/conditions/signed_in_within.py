"""Condition: signed in at least once in the last days."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.engagement.models import SignIn
from chaguan.people.contract import Asking, Operand, condition


@condition("signed_in_within")
class SignedInWithin:
    label = _("Signed in lately")
    sentence = _("signed in during the last {days} days in {community}")
    operands = (
        Operand("days", "number", _("Days"), minimum=1, maximum=3650),
        Operand("community", "community", _("Community"), is_required=False),
    )

    @staticmethod
    def compile(values: Mapping[str, Any], asking: Asking) -> QuerySet[SignIn]:
        today = asking.now.astimezone(asking.days_in).date()
        since = today - timedelta(days=values["days"] - 1)
        rows = SignIn.objects.filter(day__gte=since).exclude(way="make_up")
        if values["community"] is not None:
            return rows.filter(community_id=values["community"])
        if asking.community_ids is not None:
            return rows.filter(community_id__in=asking.community_ids)
        return rows
