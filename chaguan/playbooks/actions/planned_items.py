"""Planning a day's content (排期): offers, topics and posts that a routine publishes by itself."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chaguan.communities.selectors.audiences import settings_of
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.playbooks.models import PlannedItem
from chaguan.playbooks.policies import may_run_playbooks

MOST_A_DAY = 20
MAX_FEN = 100_000_000


@dataclass(frozen=True)
class Item:
    """What to plan. `price` and `usual` are yuan as typed ("19.90"), both or neither."""

    day: date
    kind: str
    title: str
    text: str = ""
    price: str = ""
    usual: str = ""


@transaction.atomic
def plan_item(actor: Actor, community_id: int, item: Item, *, now: datetime) -> PlannedItem:
    """Add one item to a day. Raises: Refused (may_run_playbooks), Invalid with one sentence."""
    require(may_run_playbooks(actor, community_id))
    if item.kind not in PlannedItem.Kind.values:
        raise Invalid(_("Choose an offer, a topic or a post."))
    title, text = item.title.strip(), item.text.strip()
    if not title or len(title) > 120 or len(text) > 600:
        raise Invalid(_("A title has 1 to 120 characters, a text at most 600."))
    zone = ZoneInfo(str(settings_of({community_id})[community_id]["timezone"]))
    if item.day < now.astimezone(zone).date():
        raise Invalid(_("That day is over already."))
    price, usual = _fen(item.price), _fen(item.usual)
    if (price is None) != (usual is None):
        raise Invalid(_("Give the price and what it usually costs, so that the gain is true."))
    if price is not None and usual is not None and price > usual:
        raise Invalid(_("The price is higher than what it usually costs."))
    planned = PlannedItem.objects.filter(community_id=community_id, day=item.day)
    if planned.count() >= MOST_A_DAY:
        raise Invalid(_("A day holds at most %(most)d items.") % {"most": MOST_A_DAY})
    try:
        with transaction.atomic():
            return PlannedItem.objects.create(
                community_id=community_id,
                day=item.day,
                kind=item.kind,
                title=title,
                text=text,
                price_fen=price,
                usual_fen=usual,
                by=actor.reference,
                created_at=now,
            )
    except IntegrityError:
        raise Invalid(_("This is planned for that day already.")) from None


def drop_item(actor: Actor, item_id: int) -> None:
    """Take an item out of its day. Raises: Missing, Refused (may_run_playbooks)."""
    item = PlannedItem.objects.filter(pk=item_id).first()
    if item is None:
        raise Missing
    require(may_run_playbooks(actor, item.community_id))
    item.delete()


def _fen(yuan: str) -> int | None:
    """`19.9` in fen; empty is None."""
    text = yuan.strip().removeprefix("¥").removesuffix("元").strip()
    if not text:
        return None
    whole, _dot, part = text.partition(".")
    if not (whole.isascii() and whole.isdigit()) or len(part) > 2 or (part and not part.isdigit()):
        raise Invalid(_("Write a price such as 19.90."))
    fen = int(whole) * 100 + int(part.ljust(2, "0") or 0)
    if fen > MAX_FEN:
        raise Invalid(_("Write a price such as 19.90."))
    return fen
