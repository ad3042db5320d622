from datetime import timedelta

import pytest
from django.conf import settings

from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing, Refused
from chaguan.people.testing import make_member
from chaguan.portal.actions.links import issue_link, revoke_links, visitor_with
from chaguan.portal.errors import LinkNotValid
from chaguan.portal.events import LinkIssued, LinksRevoked
from chaguan.portal.models import LinkKey
from chaguan.portal.tokens import (
    LINK_LASTS,
    read_form,
    read_link,
    sign_form,
    sign_link,
    sign_ticket,
)

pytestmark = pytest.mark.django_db
NOW = clock.now().replace(microsecond=0)


def token_in(link: str) -> str:
    return link.removeprefix(settings.BASE_URL + "/m/link/").rstrip("/")


def test_a_link_names_its_member_until_it_expires() -> None:
    member = make_member("林晓").pk
    link = issue_link(Actor.member(member), member, NOW)

    visitor = visitor_with(token_in(link), NOW + LINK_LASTS - timedelta(seconds=1))

    assert (visitor.member_id, visitor.name) == (member, "林晓")
    with pytest.raises(LinkNotValid):
        visitor_with(token_in(link), NOW + LINK_LASTS)
    assert recorded() == [LinkIssued(member)]


def test_a_second_link_leaves_the_first_one_good() -> None:
    member = make_member().pk
    first = issue_link(Actor.member(member), member, NOW)
    second = issue_link(Actor.member(member), member, NOW + timedelta(days=1))

    assert first != second
    assert visitor_with(token_in(first), NOW) == visitor_with(token_in(second), NOW)


def test_revoking_ends_all_links_and_says_so_in_the_log() -> None:
    member = make_member().pk
    link = issue_link(Actor.system(), member, NOW)

    revoke_links(Actor.system(), member, NOW)

    with pytest.raises(LinkNotValid):
        visitor_with(token_in(link), NOW)
    assert recorded() == [LinkIssued(member), LinksRevoked(member)]


def test_a_damaged_or_foreign_token_is_refused() -> None:
    member = make_member().pk
    good = token_in(issue_link(Actor.system(), member, NOW))
    nonce = LinkKey.objects.get().nonce

    assert read_link(good, NOW) is not None
    for bad in (good[:-1], good + "x", f"1.{nonce}.zzzzzz.{good.split('.')[-1]}", "", "a.b"):
        assert read_link(bad, NOW) is None
    assert read_link(sign_ticket(1, member, NOW), NOW) is None
    assert read_link(sign_form("link", nonce, NOW), NOW) is None
    assert read_form("room", sign_link(member, nonce, NOW), NOW) is None


def test_strangers_may_not_have_somebodys_link() -> None:
    member, stranger = make_member().pk, make_member().pk

    for actor in (Actor.member(stranger), Actor.anonymous(), Actor.staff(99)):
        with pytest.raises(Refused) as refusal:
            issue_link(actor, member, NOW)
        assert refusal.value.code == "no_right"
        with pytest.raises(Refused):
            revoke_links(actor, member, NOW)

    assert not LinkKey.objects.exists()
    assert recorded() == []


def test_nobodys_link_is_missing() -> None:
    with pytest.raises(Missing):
        issue_link(Actor.system(), 4711, NOW)
    assert not LinkKey.objects.exists()
