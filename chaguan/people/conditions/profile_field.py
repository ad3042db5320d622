"""Condition: an answer of the profile is exactly this."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Choices, Operand, condition
from chaguan.people.models import ProfileField, ProfileValue


def _fields(asking: Asking) -> Choices:
    return list(ProfileField.objects.order_by("label").values_list("code", "label"))


@condition("profile_field")
class ProfileFieldIs:
    label = _("Profile answer")
    sentence = _("answered {field} with {value}")
    operands = (
        Operand("field", "choice", _("Question"), _fields),
        Operand("value", "text", _("Answer")),
    )

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[ProfileValue]:
        field_ids = ProfileField.objects.filter(code=values["field"]).values_list("pk", flat=True)
        return ProfileValue.objects.filter(field_id=field_ids.first() or 0, value=values["value"])
