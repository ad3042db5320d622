"""Builders for tests of the member pages: a phone that is logged in as somebody."""

from django.test import Client

from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.portal.actions.links import admit_visitor
from chaguan.portal.selectors import Visitor


def admitted(member_id: int) -> Visitor:
    """The member with a key of her own."""
    return admit_visitor(Actor.system("test"), member_id, clock.now())


def phone_of(member_id: int) -> Client:
    """A browser that is logged in as the member."""
    visitor = admitted(member_id)
    phone = Client()
    session = phone.session
    session["member_id"], session["member_nonce"] = visitor.member_id, visitor.nonce
    session.save()
    return phone
