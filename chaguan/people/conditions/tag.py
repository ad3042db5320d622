"""Condition: carries a tag (标签)."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.conditions import Asking, Choices, Operand, condition
from chaguan.people.models import MemberTag, Tag


def _tags(asking: Asking) -> Choices:
    return list(Tag.objects.order_by("name").values_list("name", "name"))


@condition("tag")
class HasTag:
    label = _("Tag")
    sentence = _("carries the tag {tag}")
    operands = (Operand("tag", "choice", _("Tag"), _tags, is_open=True),)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[MemberTag]:
        tag_ids = Tag.objects.filter(name=values["tag"]).values_list("pk", flat=True)
        return MemberTag.objects.filter(tag_id=tag_ids.first() or 0)
