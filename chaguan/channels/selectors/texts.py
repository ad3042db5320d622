"""Texts of messages, for readers of the log that need the words."""

from collections.abc import Sequence

from chaguan.channels.models import Message


def texts_of(message_ids: Sequence[int]) -> dict[int, str]:
    """The text of each message by its id; erased ones are left out. One statement."""
    rows = Message.objects.filter(pk__in=message_ids)
    return dict(rows.values_list("pk", "text"))
