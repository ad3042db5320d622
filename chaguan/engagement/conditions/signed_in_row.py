"""Condition: signed in on a number of days in a row, up to today or yesterday."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.engagement.models import SignIn
from chaguan.people.contract import Asking, Operand, condition


@condition("signed_in_row")
class SignedInRow:
    label = _("Signed in days in a row")
    sentence = _("signed in {days} days in a row in {community}")
    operands = (
        Operand("days", "number", _("Days"), minimum=1, maximum=3650),
        Operand("community", "community", _("Community"), is_required=False),
    )

    @staticmethod
    def compile(values: Mapping[str, Any], asking: Asking) -> QuerySet[SignIn]:
        """Today still counts as open: a run that ended yesterday has not been broken yet."""
        today = asking.now.astimezone(asking.days_in).date()
        recent = [today - timedelta(days=1), today]
        rows = SignIn.objects.filter(day__in=recent, streak_days__gte=values["days"])
        if values["community"] is not None:
            return rows.filter(community_id=values["community"])
        if asking.community_ids is not None:
            return rows.filter(community_id__in=asking.community_ids)
        return rows
