"""Every member page: for its member, for a stranger, for nobody."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chaguan.channels.models import DirectMessage, Message
from chaguan.communities.models import Community, MemberRole, Membership, Room
from chaguan.communities.selectors.places import badges_in
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.engagement.testing import make_ask
from chaguan.kernel import clock
from chaguan.portal.testing import phone_of

pytestmark = pytest.mark.django_db


def house() -> tuple[Community, Room, int]:
    community = make_community(host_name="方老师", settings={"rules": ["先说谢谢", "不发广告"]})
    room = make_room(community, name="大堂")
    member = make_member(community, role="session_host", name="林晓")
    Message.objects.create(
        room=room, member=member, external_id="1", at=clock.now(), text="大家好 <b>x</b>"
    )
    return community, room, member.pk


def addresses(community: Community, room: Room) -> dict[str, str]:
    """Pages that belong to one community."""
    return {
        "room": reverse("portal:room", args=[room.pk]),
        "new-lines": reverse("portal:new-lines", args=[room.pk]),
        "community": reverse("portal:community", args=[community.public_id]),
        "welcome": reverse("portal:welcome", args=[community.public_id]),
    }


OWN = ["home", "check-in", "me", "my-link", "letters", "my-record"]


@pytest.mark.parametrize("name", OWN)
def test_own_pages_open_for_a_member_and_name_her_community(name: str) -> None:
    community, _room, member = house()

    answer = phone_of(member).get(reverse(f"portal:{name}"))

    assert answer.status_code == 200
    page = answer.content.decode()
    assert community.name in page
    assert "方老师" in page
    assert answer["Cache-Control"] in ("private, no-store", "no-store")


@pytest.mark.parametrize("name", OWN)
def test_own_pages_ask_somebody_unknown_for_the_link(name: str) -> None:
    answer = Client().get(reverse(f"portal:{name}"))

    assert answer.status_code == 401
    assert "portal/links/needed.html" in [t.name for t in answer.templates]


@pytest.mark.parametrize("name", ["room", "new-lines", "community", "welcome"])
def test_a_communitys_pages_are_for_its_members(name: str) -> None:
    community, room, member = house()
    address = addresses(community, room)[name]
    stranger = make_member(make_community()).pk

    assert phone_of(member).get(address).status_code == 200
    assert phone_of(stranger).get(address).status_code == 404
    assert Client().get(address).status_code == 401


@pytest.mark.parametrize("state", ["left", "removed", "applied"])
def test_a_room_is_closed_to_those_who_are_not_in(state: str) -> None:
    _community, room, member = house()
    Membership.objects.filter(member_id=member).update(state=state)
    phone = phone_of(member)

    assert phone.get(reverse("portal:room", args=[room.pk])).status_code == 404
    posted = phone.post(reverse("portal:room", args=[room.pk]), {"text": "x", "mark": "y"})
    assert posted.status_code == 404
    assert Message.objects.count() == 1


def test_the_back_room_is_for_stewards() -> None:
    community, _room, member = house()
    back = make_room(community, purpose="back_room", name="后台")
    steward = make_member(community, role="steward").pk

    assert phone_of(member).get(reverse("portal:room", args=[back.pk])).status_code == 404
    assert phone_of(steward).get(reverse("portal:room", args=[back.pk])).status_code == 200


@pytest.mark.parametrize("name", OWN)
def test_pages_of_a_member_without_any_community_open(name: str) -> None:
    assert phone_of(make_member().pk).get(reverse(f"portal:{name}")).status_code == 200


@pytest.mark.parametrize(
    "name", ["home", "check-in", "me", "letters", "my-record", "room", "community"]
)
def test_queries_do_not_grow_with_rows(name: str) -> None:
    community, room, member = house()
    phone = phone_of(member)
    own = {n: reverse(f"portal:{n}") for n in OWN}
    address = (own | addresses(community, room))[name]

    counts = []
    for number in (1, 3):
        while Room.objects.filter(community=community).count() < number:
            make_room(community)
        for extra in range(number):
            other = make_community()
            make_room(other)
            Membership.objects.create(community=other, member_id=member, joined_at=clock.now())
            make_ask(community.pk, now=clock.now(), key=f"{name}{number}{extra}")
            DirectMessage.objects.create(
                member_id=member,
                external_id=f"{number}{extra}",
                at=clock.now(),
                text="x",
                read_at=clock.now(),
            )
            person = make_member(community, role="expert")
            Message.objects.create(
                room=room, member=person, external_id=f"{number}{extra}", at=clock.now(), text="x"
            )
        with CaptureQueriesContext(connection) as queries:
            assert phone.get(address).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= 25


@pytest.mark.req("PRIN-11")
def test_hosts_and_machines_are_shown_as_such() -> None:
    community, room, member = house()
    Message.objects.create(
        room=room, member=None, external_id="out:1", at=clock.now(), text="开营了", outbox_id=7
    )
    reader = make_member(community).pk

    page = phone_of(reader).get(reverse("portal:room", args=[room.pk])).content.decode()

    hosts, machine = page.split('<li class="line"')[1:3]
    assert "林晓" in hosts
    (badge,) = badges_in(community.pk, [member])[member]
    assert f'<span class="badge">{badge}</span>' in hosts
    assert "badge--machine" not in hosts
    assert "方老师的助手" in machine
    assert "badge--machine" in machine


def test_what_people_say_is_escaped() -> None:
    community, room, member = house()
    Message.objects.create(
        room=room,
        member_id=member,
        external_id="2",
        at=clock.now(),
        text='<script>alert(1)</script> https://x.example/?a="><img src=x onerror=1> javascript:alert(1)',
    )
    reader = make_member(community, name="<i>我</i>").pk

    pages = [
        phone_of(reader).get(address).content.decode()
        for address in (reverse("portal:room", args=[room.pk]), reverse("portal:home"))
    ]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>x</b>" not in page
        assert "<i>我" not in page
        assert 'href="javascript' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0]
    assert 'rel="nofollow"' in pages[0]


def test_ended_roles_show_no_badge() -> None:
    community, room, _member = house()
    MemberRole.objects.update(until=clock.now())

    page = phone_of(make_member(community).pk).get(reverse("portal:room", args=[room.pk]))

    assert '<span class="badge">' not in page.content.decode()
