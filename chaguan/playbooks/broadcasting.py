"""The renderer of broadcasts: one text, with each community's own values; and their second person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from chaguan.outbox.contract import Hold, OutboxRow, guards, renderers
from chaguan.playbooks.models import Broadcast, BroadcastTarget
from chaguan.playbooks.rendering import STOP_HINT, WEEKDAYS
from chaguan.playbooks.wording import render


@renderers.add("broadcast")
def render_broadcasts(rows: Sequence[OutboxRow]) -> dict[int, str]:
    """The text of each row. One statement for the batch."""
    found = BroadcastTarget.objects.filter(key__in=[row.key for row in rows])
    targets = {target.key: target for target in found.select_related("broadcast", "community")}
    return {
        row.pk: text_for(targets[row.key].broadcast.text, targets[row.key].community, row.due_at)
        for row in rows
        if row.key in targets
    }


@guards.add("playbooks.broadcast_second")
def wants_second_person(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """The last look before the channel: no broadcast promotes without a written yes. One statement.

    Held for good, urgent or not; releasing such a row by hand does not help either.
    """
    mine = [row for row in rows if row.renderer == "broadcast" and row.is_promotion]
    if not mine:
        return []
    ids = {row.payload["broadcast"] for row in mine}
    asked = Broadcast.objects.filter(pk__in=ids, state__in=("approved", "unasked"))
    known = set(asked.values_list("pk", flat=True))
    return [Hold(row.pk, "second_person") for row in mine if row.payload["broadcast"] not in known]


def text_for(text: str, community: Any, at: Any) -> str:
    """What one community (a row of its table) would hear at an instant."""
    due = at.astimezone(ZoneInfo(community.timezone))
    language = settings.LANGUAGE_CODE[:2]
    day = f"{due.month}月{due.day}日" if language == "zh" else f"{due:%B} {due.day}"
    values = {
        "community_name": community.name,
        "host_name": community.host_name or community.name,
        "date": day,
        "weekday": WEEKDAYS.get(language, WEEKDAYS["en"])[due.weekday()],
        "time": f"{due:%H:%M}",
        "stop_hint": STOP_HINT.get(language, STOP_HINT["en"]),
        "my_page": f"{settings.BASE_URL}{reverse('portal:me')}",
    }
    return render(text, values).strip()
