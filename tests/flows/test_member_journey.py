"""A member's whole way over her own pages: from the invitation to leaving and back."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from chaguan.channels import sender
from chaguan.channels.testing import make_account
from chaguan.communities.testing import make_community, make_room
from chaguan.engagement.testing import make_ask
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.actions import plan
from chaguan.outbox.contract import Intent
from chaguan.people.models import Member

pytestmark = pytest.mark.django_db


def value_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_from_the_invitation_to_leaving_and_back() -> None:
    account = make_account("portal")
    community = make_community(host_name="方老师")
    room = make_room(community, name="大堂", account_id=account.pk)
    invitation, hall = (
        reverse("portal:join", args=[community.public_id]),
        reverse("portal:room", args=[room.pk]),
    )
    phone = Client()

    mark = value_of(phone.get(invitation).content.decode(), "mark")
    joined = phone.post(
        invitation, {"name": "林晓", "is_agreed": "on", "mark": mark}, follow=True
    ).content.decode()
    link = re.search(r'value="[^"]*(/m/link/[^"]+)"', joined)
    assert link is not None
    assert (
        phone.post(
            hall, {"text": "早安", "mark": value_of(phone.get(hall).content.decode(), "mark")}
        ).status_code
        == 302
    )
    phone.post(reverse("portal:sign-in", args=[community.public_id]))
    drain()
    assert "今天已签到" in phone.get(reverse("portal:check-in")).content.decode()

    member = Member.objects.get()
    now = clock.now()
    wishes = [
        Intent("t/say", "say", "portal", account.pk, now, community_id=community.pk, room_id=room.pk,
               payload={"text": "今晚八点开课"}),
        Intent("t/touch", "touch", "portal", account.pk, now, community_id=community.pk,
               member_id=member.pk, payload={"text": "给你留了座"}),
    ]  # fmt: skip
    plan(wishes, actor=Actor.system("test"), now=now)
    ask = make_ask(community.pk, now=now)
    while sender.tick(clock.now()):
        pass

    talk = phone.get(hall).content.decode()
    assert talk.index("早安") < talk.index("今晚八点开课")
    assert "给你留了座" in phone.get(reverse("portal:letters")).content.decode()
    assert phone.post(reverse("portal:answer", args=[ask]), {"note": "龙井"}).status_code == 302

    other = Client()  # another phone, with the link she kept
    assert other.get(link[1]).status_code == 302
    assert other.get(hall).status_code == 200
    other.post(reverse("portal:leave", args=[community.public_id]))
    assert phone.get(hall).status_code == 404
    assert phone.post(invitation, follow=True).status_code == 200
    assert phone.get(hall).status_code == 200
    assert Member.objects.count() == 1
    assert [
        fact.name for fact in recorded("communities.member_joined", "communities.member_left")
    ] == [
        "communities.member_joined",
        "communities.member_left",
        "communities.member_joined",
    ]
