"""The join page: what it tells, and coming in once."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from chaguan.communities.models import Community, Membership
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.people.actions.profile import define_field
from chaguan.people.models import Identity, Member, ProfileValue
from chaguan.portal.testing import phone_of
from chaguan.portal.throttle import JOIN

pytestmark = pytest.mark.django_db


def address(community: Community) -> str:
    return reverse("portal:join", args=[community.public_id])


def mark_on(phone: Client, community: Community) -> str:
    found = re.search(
        r'name="mark" value="([^"]+)"', phone.get(address(community)).content.decode()
    )
    assert found is not None
    return found[1]


def join(phone: Client, community: Community, **over: str) -> int:
    form = {"name": "林晓", "is_agreed": "on", "mark": mark_on(phone, community), **over}
    return phone.post(address(community), form).status_code


def state_of(member_id: int) -> str:
    return Membership.objects.get(member_id=member_id).state


def test_the_page_tells_what_it_is_before_one_joins() -> None:
    community = make_community(host_name="方老师", settings={"rules": ["不发广告"]})

    page = Client().get(address(community)).content.decode()

    for told in (community.name, "方老师", "一起喝茶", "新茶友", "学会泡一壶好茶", "不发广告"):
        assert told in page
    assert "静音" in page
    assert "退出" in page


def test_drafts_and_unknown_communities_are_not_there() -> None:
    draft = make_community(phase="draft")

    assert Client().get(address(draft)).status_code == 404
    assert Client().get("/m/join/nothing/").status_code == 404


def test_joining_makes_one_member_who_is_in_and_holds_a_link() -> None:
    community = make_community()
    room = make_room(community, name="大堂")
    phone = Client()
    form = {"name": "林晓", "is_agreed": "on", "mark": mark_on(phone, community)}

    first = phone.post(address(community), form, follow=True)
    second = Client().post(address(community), form)

    member = Member.objects.get()
    assert member.name == "林晓"
    assert second.status_code == 302
    assert state_of(member.pk) == "in"
    assert [fact.name for fact in recorded()].count("communities.member_joined") == 1
    assert Identity.objects.filter(member=member, external_id=member.public_id).count() == 1
    page = first.content.decode()
    assert "/m/link/" in page
    assert reverse("portal:room", args=[room.pk]) in page
    assert phone.get(reverse("portal:room", args=[room.pk])).status_code == 200


@pytest.mark.parametrize("over", [{"name": " "}, {"is_agreed": ""}, {"name": "长" * 41}])
def test_an_incomplete_form_is_shown_again_as_typed(over: dict[str, str]) -> None:
    community = make_community()
    phone = Client()

    form = {"name": "林晓", "is_agreed": "on", "mark": mark_on(phone, community), **over}
    answer = phone.post(address(community), form)

    assert answer.status_code == 422
    assert 'class="field__wrong"' in answer.content.decode()
    assert form["name"].strip() in answer.content.decode()
    assert not Member.objects.exists()
    assert recorded() == []


def test_a_made_up_mark_joins_nobody() -> None:
    community = make_community()

    assert join(Client(), community, mark="join.x.zzzz.y") == 422
    assert not Member.objects.exists()


def test_a_screened_community_takes_an_application() -> None:
    community = make_community(is_screened=True)
    room = make_room(community)
    phone = Client()

    assert join(phone, community) == 302

    member = Member.objects.get()
    assert state_of(member.pk) == "applied"
    assert recorded("communities.member_joined") == []
    waiting = phone.get(reverse("portal:community", args=[community.public_id]))
    assert "portal/community/waiting.html" in [t.name for t in waiting.templates]
    assert phone.get(reverse("portal:room", args=[room.pk])).status_code == 404
    assert community.name in phone.get("/m/").content.decode()


def test_a_member_joins_another_community_with_one_tap() -> None:
    community = make_community()
    member = make_member(make_community())
    phone = phone_of(member.pk)

    codes = [phone.post(address(community)).status_code for _ in range(2)]

    assert codes == [302, 302]
    assert Membership.objects.filter(member=member, state="in").count() == 2
    assert Member.objects.count() == 1


def test_somebody_who_was_removed_does_not_come_in_alone() -> None:
    community = make_community()
    member = make_member(community)
    Membership.objects.update(state="removed")

    answer = phone_of(member.pk).post(address(community))

    assert answer.status_code == 403
    assert state_of(member.pk) == "removed"


def test_leaving_is_at_once_and_can_be_undone() -> None:
    community = make_community()
    member = make_member(community)
    phone = phone_of(member.pk)

    left = phone.post(reverse("portal:leave", args=[community.public_id]), follow=True)
    assert state_of(member.pk) == "left"
    assert address(community) in left.content.decode()
    again = phone.post(reverse("portal:leave", args=[community.public_id]))
    back = phone.post(address(community))

    assert (again.status_code, back.status_code) == (404, 302)
    assert state_of(member.pk) == "in"
    assert [fact.name for fact in recorded()] == [
        "communities.member_left",
        "communities.member_joined",
    ]


def test_strangers_cannot_end_anothers_membership() -> None:
    community = make_community()
    member = make_member(community)
    stranger = phone_of(make_member(make_community()).pk)

    assert stranger.post(reverse("portal:leave", args=[community.public_id])).status_code == 404
    assert Client().post(reverse("portal:leave", args=[community.public_id])).status_code == 401
    assert Membership.objects.get(member=member).state == "in"
    assert recorded() == []


def test_questions_of_the_template_are_asked_and_kept() -> None:
    define_field(Actor.system(), "city", "你在哪个城市？")
    define_field(Actor.system(), "tea", "爱喝什么茶？", kind="choice", choices=["绿茶", "红茶"])
    community = make_community()
    phone = Client()

    page = phone.get(address(community)).content.decode()
    assert "你在哪个城市？" in page
    assert join(phone, community, q_city="杭州", q_tea="") == 302

    kept = ProfileValue.objects.get()
    assert (kept.field.code, kept.value) == ("city", "杭州")
    assert "杭州" in phone.get(reverse("portal:my-record")).content.decode()
    assert join(Client(), community, q_tea="咖啡") == 422


def test_one_address_may_not_join_for_ever() -> None:
    community = make_community()
    codes = [join(Client(), community, name=f"人{n}") for n in range(JOIN.times + 1)]

    assert codes == [302] * JOIN.times + [429]
    assert Member.objects.count() == JOIN.times


def test_a_closed_community_takes_nobody_in() -> None:
    community = make_community()
    mark = mark_on(Client(), community)
    Community.objects.update(phase="closed")

    answer = Client().post(address(community), {"name": "林晓", "is_agreed": "on", "mark": mark})

    assert answer.status_code == 409
    assert not Membership.objects.exists()
    assert not Member.objects.exists()
    assert 'name="mark"' not in Client().get(address(community)).content.decode()
