"""Conditions on first and last sight of a member, over all channels."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Operand, condition

_DAYS = Operand("days", "number", _("Days"), minimum=1, maximum=3650)
_DATE = Operand("date", "date", _("Date"))


def _midnight(day: date, asking: Asking) -> datetime:
    return datetime.combine(day, time.min, asking.days_in)


@condition("first_seen_within")
class FirstSeenWithin:
    label = _("First seen lately")
    sentence = _("first seen in the last {days} days")
    operands = (_DAYS,)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        return Q(first_seen_at__gt=asking.now - timedelta(days=values["days"]))


@condition("first_seen_before")
class FirstSeenBefore:
    label = _("First seen before a day")
    sentence = _("first seen before {date}")
    operands = (_DATE,)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        return Q(first_seen_at__lt=_midnight(values["date"], asking))


@condition("first_seen_after")
class FirstSeenAfter:
    label = _("First seen from a day on")
    sentence = _("first seen on or after {date}")
    operands = (_DATE,)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        return Q(first_seen_at__gte=_midnight(values["date"], asking))


@condition("last_seen_within")
class LastSeenWithin:
    label = _("Seen lately")
    sentence = _("seen in the last {days} days")
    operands = (_DAYS,)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        return Q(last_seen_at__gt=asking.now - timedelta(days=values["days"]))


@condition("not_seen_for")
class NotSeenFor:
    label = _("Not seen for a while")
    sentence = _("not seen for {days} days")
    operands = (_DAYS,)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Q:
        return Q(last_seen_at__lte=asking.now - timedelta(days=values["days"]))
