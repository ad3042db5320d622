"""Signing in, points, check-ins, letters, quiet."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from chaguan.channels.models import DirectMessage
from chaguan.communities.models import Community, Membership
from chaguan.communities.testing import make_community, make_member
from chaguan.engagement.models import CheckIn, MakeUpCard, SignIn
from chaguan.engagement.testing import make_ask, sign_in_days
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel import clock
from chaguan.people.models import Member
from chaguan.portal.testing import phone_of

pytestmark = pytest.mark.django_db


def inside() -> tuple[Client, Community, Member]:
    community = make_community()
    member = make_member(community, name="林晓")
    return phone_of(member.pk), community, member


def test_one_tap_signs_in_and_the_second_changes_nothing() -> None:
    phone, community, _member = inside()
    address = reverse("portal:sign-in", args=[community.public_id])

    pages = [phone.post(address, follow=True).content.decode() for _ in range(2)]

    assert SignIn.objects.count() == 1
    assert "今天已签到" in pages[0]
    assert "今天已签到" in pages[1]
    assert len(recorded("engagement.signed_in")) == 1


def test_points_stand_on_my_page_with_their_reason() -> None:
    phone, community, _member = inside()
    phone.post(reverse("portal:sign-in", args=[community.public_id]))
    drain()

    page = phone.get(reverse("portal:me")).content.decode()

    assert '<p class="big">0</p>' not in page
    assert '<span class="number">+' in page


def test_a_card_repairs_a_missed_day() -> None:
    phone, community, member = inside()
    now = clock.now()
    sign_in_days(community.pk, member.pk, until=now - timedelta(days=2), days=7)
    missed = (now - timedelta(days=1)).astimezone(ZoneInfo(community.timezone)).date()
    address = reverse("portal:repair", args=[community.public_id])

    assert "补签" in phone.get(reverse("portal:check-in")).content.decode()
    assert phone.post(address, {"day": missed.isoformat()}).status_code == 302
    assert phone.post(address, {"day": "nonsense"}).status_code == 404

    assert SignIn.objects.get(day=missed).way == "make_up"
    assert MakeUpCard.objects.filter(used_for=missed).count() == 1


def test_a_check_in_is_answered_once_and_by_members_only() -> None:
    phone, community, _member = inside()
    ask = make_ask(community.pk, now=clock.now() - timedelta(minutes=1))
    stranger = phone_of(make_member(make_community()).pk)
    address = reverse("portal:answer", args=[ask])

    assert "今天喝了什么茶？" in phone.get("/m/").content.decode()
    assert phone.post(address, {"note": "龙" * 281}).status_code == 422
    assert phone.post(address, {"note": "龙井"}).status_code == 302
    assert phone.post(address, {"note": "又一杯"}).status_code == 302
    assert stranger.post(address, {"note": "x"}).status_code == 404
    assert Client().post(address, {"note": "x"}).status_code == 401

    assert [answer.note for answer in CheckIn.objects.all()] == ["龙井"]
    assert "你已经打卡了" in phone.get(reverse("portal:check-in")).content.decode()


def test_letters_are_shown_to_their_member_and_opened_once() -> None:
    phone, community, member = inside()
    stranger = phone_of(make_member(community).pk)
    DirectMessage.objects.create(
        member=member,
        external_id="1",
        at=clock.now(),
        text="明晚八点开课",
        community_id=community.pk,
    )

    assert "有给你的消息" in phone.get("/m/").content.decode()
    first = phone.get(reverse("portal:letters")).content.decode()
    second = phone.get(reverse("portal:letters")).content.decode()

    assert "明晚八点开课" in first
    assert "明晚八点开课" in second
    assert "明晚八点开课" not in stranger.get(reverse("portal:letters")).content.decode()
    assert "有给你的消息" not in phone.get("/m/").content.decode()
    assert len(recorded("channels.letter_read")) == 1


def test_a_member_stops_private_messages_herself() -> None:
    phone, _community, member = inside()

    codes = [phone.post(reverse("portal:stop-touches")).status_code for _ in range(2)]

    assert codes == [302, 302]
    member.refresh_from_db()
    assert member.touch_opt_out_at is not None
    assert len(recorded("people.touch_opted_out")) == 1
    assert reverse("portal:stop-touches") not in phone.get(reverse("portal:me")).content.decode()


def test_with_two_communities_the_page_shows_the_one_asked_for() -> None:
    phone, first, member = inside()
    second = make_community()
    Membership.objects.create(community=second, member=member, joined_at=clock.now())

    for community in (first, second):
        page = phone.get(reverse("portal:check-in"), {"in": community.public_id}).content.decode()
        assert reverse("portal:sign-in", args=[community.public_id]) in page
