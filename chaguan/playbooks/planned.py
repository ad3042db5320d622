"""Planned items as texts say them: which day a step means, and a line for each item of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from chaguan.playbooks.models import PlannedItem

Slot = tuple[int, date, str]  # community, local day, kind


def day_meant(word: str, at: datetime, zone: str) -> date:
    """The local day that `today` or `tomorrow` means at an instant."""
    return at.astimezone(ZoneInfo(zone)).date() + timedelta(days=word == "tomorrow")


def items_of(slots: Iterable[Slot]) -> dict[Slot, list[PlannedItem]]:
    """What is planned, in the order it was written. One statement."""
    wanted = set(slots)
    found: dict[Slot, list[PlannedItem]] = defaultdict(list)
    if not wanted:
        return found
    rows = PlannedItem.objects.filter(
        community_id__in={community for community, _day, _kind in wanted},
        day__in={day for _community, day, _kind in wanted},
        kind__in={kind for _community, _day, kind in wanted},
    ).order_by("pk")
    for row in rows:
        slot = (row.community_id, row.day, row.kind)
        if slot in wanted:
            found[slot].append(row)
    return found


def lines_of(items: Sequence[PlannedItem]) -> str:
    """A line per item; an offer says what it costs, what it costs on other days, and the difference."""
    return "\n".join(_line(item) for item in items)


def _line(item: PlannedItem) -> str:
    said = item.title
    if item.price_fen is not None and item.usual_fen is not None:
        price = {"price": yuan(item.price_fen), "usual": yuan(item.usual_fen)}
        gain = {"gain": yuan(item.usual_fen - item.price_fen)}
        words = _("%(title)s: ¥%(price)s, usually ¥%(usual)s, ¥%(gain)s less")
        if item.price_fen == item.usual_fen:
            words = _("%(title)s: ¥%(price)s, as always")
        said = words % {"title": item.title, **price, **gain}
    if item.text:
        said = pgettext("item and its text", "%(said)s. %(text)s") % {
            "said": said,
            "text": item.text,
        }
    return f"· {said}"


def yuan(fen: int) -> str:
    """1990 as 19.9, 2000 as 20."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)


def texts_by_slot(slots: Iterable[Slot]) -> Mapping[Slot, str]:
    """The lines of each slot that has any. One statement."""
    return {slot: lines_of(items) for slot, items in items_of(slots).items() if items}
