"""Taking over what exists elsewhere: a community and its rooms, as an import of history finds them."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from chaguan.communities.models import Community, Room
from chaguan.communities.policies import may
from chaguan.communities.types import Phase, Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.ids import new_public_id
from chaguan.kernel.policy import require


@transaction.atomic
def adopt_community(actor: Actor, name: str, *, now: datetime, timezone: str = "") -> int:
    """The id of the community of that name, made and running when it is new; its type is chosen later.

    An existing one is left as it is. Races: the unique name decides.
    Raises: Refused (the right import, there or for a new one in the house), Invalid for an empty name.
    """
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > 80:
        raise Invalid(_("The name of a community has 1 to 80 characters."))
    known = Community.objects.filter(name=name).values_list("pk", flat=True).first()
    require(may(actor, Right.IMPORT, known))
    if known is not None:
        return known
    public_id = new_public_id()
    Community.objects.bulk_create(
        [
            Community(
                public_id=public_id,
                name=name,
                slug=_free_slug(name, public_id),
                phase=Phase.RUNNING.value,
                timezone=str(ZoneInfo(timezone or settings.TIME_ZONE)),
                opened_at=now,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    return Community.objects.values_list("pk", flat=True).get(name=name)


def _free_slug(name: str, public_id: str) -> str:
    slug = re.sub(r"^-+|-+$", "", slugify(name, allow_unicode=True))[:70]
    if not slug or Community.objects.filter(slug=slug).exists():
        return f"{slug or 'community'}-{public_id[-8:].lower()}"[:80]
    return slug


@transaction.atomic
def adopt_room(
    actor: Actor,
    community_id: int,
    *,
    name: str,
    connector: str,
    account_id: int,
    external_id: str,
) -> int:
    """The id of the room that the account knows by `external_id`, made in this community when new.

    Races: the unique key (account, external id) decides. Raises: Refused.
    """
    require(may(actor, Right.IMPORT, community_id))
    Room.objects.bulk_create(
        [
            Room(
                community_id=community_id,
                name=name[:120],
                connector=connector,
                account_id=account_id,
                external_id=external_id[:160],
            )
        ],
        ignore_conflicts=True,
    )
    return Room.objects.values_list("pk", flat=True).get(
        account_id=account_id, external_id=external_id[:160]
    )
