"""Conditions on how much somebody posted, in one community or (blank) in any single one."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chaguan.communities.models import Membership
from chaguan.communities.stays import ANY_COMMUNITY, stays
from chaguan.people.contract.conditions import Asking, Operand, condition

_MESSAGES = Operand("messages", "number", _("Messages"))


@condition("messages_at_least")
class MessagesAtLeast:
    label = _("Posted at least")
    sentence = _("posted at least {messages} messages in {community}")
    operands = (_MESSAGES, ANY_COMMUNITY)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Membership]:
        return stays(asking, values["community"]).filter(messages__gte=values["messages"])


@condition("messages_at_most")
class MessagesAtMost:
    label = _("Posted at most")
    sentence = _("posted at most {messages} messages in {community}")
    operands = (_MESSAGES, ANY_COMMUNITY)

    def compile(self, values: Mapping[str, Any], asking: Asking) -> QuerySet[Membership]:
        return stays(asking, values["community"]).filter(messages__lte=values["messages"])
