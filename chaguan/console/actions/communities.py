"""Making a community in one step: its draft from the type's preset, and the charter as typed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from chaguan.channels.actions.accounts import add_account
from chaguan.channels.selectors.sending import accounts
from chaguan.communities.actions.communities import create_community, edit_community
from chaguan.communities.actions.rooms import add_room
from chaguan.communities.selectors import Community
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing

PORTAL = "portal"


@transaction.atomic
def found_community(
    actor: Actor, name: str, kind: str, charter: Mapping[str, Any], *, now: datetime
) -> Community:
    """Create the community and write its charter, both or neither. Raises what the two actions raise."""
    timezone = str(charter.get("timezone", ""))
    community = create_community(actor, name, kind=kind, timezone=timezone, now=now)
    return edit_community(actor, community.pk, dict(charter), now=now)


@transaction.atomic
def open_own_room(
    actor: Actor, community_id: int, name: str, label: str, *, is_back_room: bool, now: datetime
) -> None:
    """Open a room on our own member pages; their account is made with it when there is none yet.

    Only the account of the member pages is made this way: it needs no settings and reaches nobody outside.
    """
    account = accounts().filter(connector=PORTAL, is_active=True).first()
    if account is None:
        account = add_account(Actor.system("first room"), PORTAL, label, now=now)
    add_room(actor, community_id, name, account_id=account.pk, is_back_room=is_back_room)


@transaction.atomic
def open_room_at(
    actor: Actor, community_id: int, name: str, account_id: int, *, is_back_room: bool
) -> None:
    """Open a room that is reached through one of the house's accounts, the sandbox for instance.

    Raises: Missing for an account that is not there or does not send; what `add_room` raises.
    """
    account = accounts().filter(pk=account_id, is_active=True).first()
    if account is None:
        raise Missing
    add_room(
        actor,
        community_id,
        name,
        account_id=account.pk,
        connector=account.connector,
        is_back_room=is_back_room,
    )
