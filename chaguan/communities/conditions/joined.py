"""Conditions on when somebody joined."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.models import Membership
from chaguan.communities.stays import ANY_COMMUNITY, stays
from chaguan.people.contract.conditions import Asking, Operand, condition

_DATE = Operand("date", "date", _("Date"))
_DAYS = Operand("days", "number", _("Days"), minimum=1, maximum=3650)


def _midnight(day: date, asking: Asking) -> datetime:
    return datetime.combine(day, time.min, asking.days_in)


@condition("joined_within")
class JoinedWithin:
    label = _("Joined lately")
    sentence = _("joined {community} in the last {days} days")
    operands = (ANY_COMMUNITY, _DAYS)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Membership]:
        since = asking.now - timedelta(days=values["days"])
        return stays(asking, values["community"]).filter(joined_at__gt=since)


@condition("joined_before")
class JoinedBefore:
    label = _("Joined before a day")
    sentence = _("joined {community} before {date}")
    operands = (ANY_COMMUNITY, _DATE)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Membership]:
        day = _midnight(values["date"], asking)
        return stays(asking, values["community"]).filter(joined_at__lt=day)


@condition("joined_after")
class JoinedAfter:
    label = _("Joined from a day on")
    sentence = _("joined {community} on or after {date}")
    operands = (ANY_COMMUNITY, _DATE)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Membership]:
        day = _midnight(values["date"], asking)
        return stays(asking, values["community"]).filter(joined_at__gte=day)
