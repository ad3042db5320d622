"""Personal links: cut, used, ended."""

import secrets
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.urls import reverse

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.kernel.policy import require
from chaguan.people.actions import NewIdentity
from chaguan.people.actions.identities import give_identity
from chaguan.portal.errors import LinkNotValid
from chaguan.portal.events import LinkIssued, LinksRevoked
from chaguan.portal.models import LinkKey
from chaguan.portal.policies import may_hold_link
from chaguan.portal.selectors import Visitor, visitor_by, visitor_of_key
from chaguan.portal.tokens import read_link, sign_link


@transaction.atomic
def issue_link(actor: Actor, member_id: int, now: datetime) -> str:
    """Return the member's personal link, a whole address. Earlier links stay good until they run out.

    Emits: LinkIssued. Raises: Refused by may_hold_link; Missing when there is no such member.
    """
    require(may_hold_link(actor, member_id))
    key = _key_of(member_id, now)
    record(LinkIssued(member_id), actor=actor, at=now)
    return _address(member_id, key.nonce, now)


@transaction.atomic
def revoke_links(actor: Actor, member_id: int, now: datetime) -> None:
    """End every personal link and every open session of the member: the key is cut anew.

    Emits: LinksRevoked, when there was a key.
    """
    require(may_hold_link(actor, member_id))
    ended = LinkKey.objects.filter(member_id=member_id).update(nonce=_new_nonce(), issued_at=now)
    if ended:
        record(LinksRevoked(member_id), actor=actor, at=now)


def own_link(visitor: Visitor, now: datetime) -> str:
    """A fresh personal link for somebody who holds the key already. Nothing is written."""
    return _address(visitor.member_id, visitor.nonce, now)


def visitor_with(token: str, now: datetime) -> Visitor:
    """The member whose link this is. Raises LinkNotValid; it never says why."""
    claim = read_link(token, now)
    visitor = visitor_by(claim.member_id, claim.nonce) if claim else None
    if visitor is None:
        raise LinkNotValid
    return visitor


@transaction.atomic
def admit_visitor(actor: Actor, member_id: int, now: datetime) -> Visitor:
    """Give a member who just joined a key, so that she can stay. Raises Refused, Missing."""
    require(may_hold_link(actor, member_id))
    key = _key_of(member_id, now)
    return visitor_of_key(key)


def _address(member_id: int, nonce: str, now: datetime) -> str:
    path = reverse("portal:link", args=[sign_link(member_id, nonce, now)])
    return f"{settings.BASE_URL}{path}"


def _key_of(member_id: int, now: datetime) -> LinkKey:
    key, _created = LinkKey.objects.select_related("member").get_or_create(
        member_id=member_id, defaults={"nonce": _new_nonce(), "issued_at": now}
    )
    try:
        member = key.member  # read now: the database checks the foreign key only at commit
    except ObjectDoesNotExist:
        raise Missing from None
    here = NewIdentity("portal", "", member.public_id, member.name, now)
    give_identity(Actor.system("portal"), member_id, here)
    return key


def _new_nonce() -> str:
    return secrets.token_urlsafe(12).replace(".", "-")
