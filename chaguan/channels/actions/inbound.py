"""Taking in what was said in a room: the one door for live channels and for our own rooms."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.channels.contract import BadLine, Record
from chaguan.channels.ingest.storing import Channel, Place, Stored, store
from chaguan.channels.ingest.tidying import tidy
from chaguan.channels.policies import may_bring_in
from chaguan.communities.selectors.addresses import addresses_of_rooms
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require


@transaction.atomic
def receive(actor: Actor, room_id: int, records: Sequence[Record], now: datetime) -> Stored:
    """Store what happened in one room. Records that are known by their external id change nothing.

    The product brings in anything; a member only her own words, in a community she is in.

    Emits: MessagePosted and the facts of coming and going, once per record.
    Raises: Missing for a room that is not there; Refused; Invalid for a record that cannot be stored.
    """
    address = addresses_of_rooms([room_id]).get(room_id)
    if address is None:
        raise Missing
    require(may_bring_in(actor, address.community_id, records))
    place = Place(address.community_id, room_id)
    placed: list[tuple[Place, Record]] = []
    for record in records:
        fit = tidy(record, now)
        if isinstance(fit, BadLine):
            raise Invalid(_("This cannot be kept: %(reason)s") % {"reason": _(fit.reason)})
        placed.append((place, fit))
    channel = Channel(address.connector, f"account:{address.account_id}")
    return store(Actor.system(f"channel:{address.connector}"), channel, placed)
