"""The door: personal links, sessions, leaving; what leaks nowhere."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from chaguan.communities.testing import make_community, make_member, make_staff, make_stranger
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.portal.actions import issue_link, revoke_links
from chaguan.portal.events import LinkIssued
from chaguan.portal.models import Tries
from chaguan.portal.testing import phone_of
from chaguan.portal.throttle import OPEN_LINK, forget_old
from chaguan.portal.tokens import LINK_LASTS

pytestmark = pytest.mark.django_db


def path_of(member_id: int) -> str:
    link = issue_link(Actor.system(), member_id, clock.now())
    return link.removeprefix(settings.BASE_URL)


def test_a_link_logs_in_and_leaves_its_address_at_once() -> None:
    member = make_member(make_community(), name="林晓").pk
    phone = Client()
    phone.get(reverse("portal:home"))
    path = path_of(member)

    answer = phone.get(path)

    assert (answer.status_code, answer["Location"]) == (302, "/m/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert path not in phone.get("/m/").content.decode()
    assert "林晓" in phone.get("/m/").content.decode()


def test_logging_in_changes_the_sessions_key() -> None:
    member = make_member().pk
    phone = Client()
    session = phone.session
    session["x"] = 1
    session.save()
    before = phone.cookies["chaguan_session"].value

    phone.get(path_of(member))

    assert phone.cookies["chaguan_session"].value != before


def test_a_preview_robot_that_only_asks_for_the_head_is_not_logged_in() -> None:
    phone = Client()

    assert phone.head(path_of(make_member().pk)).status_code == 302
    assert phone.get("/m/").status_code == 401


def test_an_expired_or_broken_link_is_told_kindly() -> None:
    path = path_of(make_member().pk)

    with clock.moved_to(clock.now() + LINK_LASTS + timedelta(seconds=1)):
        old = Client().get(path)
    broken = Client().get(path[:-2] + "/")

    for answer in (old, broken):
        assert answer.status_code == 401
        assert answer["Cache-Control"] == "no-store"
        assert "portal/links/ended.html" in [t.name for t in answer.templates]
        assert "member_id" not in answer.client.session


def test_revoking_ends_open_sessions_too() -> None:
    member = make_member().pk
    phone = phone_of(member)
    assert phone.get("/m/").status_code == 200

    revoke_links(Actor.system(), member, clock.now())

    assert phone.get("/m/").status_code == 401


def test_a_new_link_of_ones_own_shuts_out_the_other_phone() -> None:
    member = make_member().pk
    mine, other = phone_of(member), phone_of(member)
    old = path_of(member)

    answer = mine.post(reverse("portal:my-link"), follow=True)

    assert answer.status_code == 200
    assert mine.get("/m/").status_code == 200
    assert other.get("/m/").status_code == 401
    assert Client().get(old).status_code == 401


def test_the_own_link_page_shows_a_link_that_works() -> None:
    member = make_member(name="林晓").pk

    page = phone_of(member).get(reverse("portal:my-link")).content.decode()
    path = page.partition('value="' + settings.BASE_URL)[2].partition('"')[0]

    assert Client().get(path, follow=True).status_code == 200


def test_opening_anothers_link_asks_first_and_throws_the_old_session_away() -> None:
    mine, theirs = make_member(name="林晓").pk, make_member(name="周岚").pk
    phone, path = phone_of(mine), path_of(theirs)

    asked = phone.get(path)

    assert asked.status_code == 200
    assert "周岚" in asked.content.decode()
    assert phone.session["member_id"] == mine
    assert phone.post(path).status_code == 302
    assert phone.session["member_id"] == theirs


def test_logging_out_forgets_the_session() -> None:
    phone = phone_of(make_member().pk)

    assert phone.post(reverse("portal:log-out")).status_code == 200
    assert phone.get("/m/").status_code == 401
    assert phone.get(reverse("portal:log-out")).status_code == 405


def test_one_address_may_not_try_links_for_ever() -> None:
    phone = Client()
    codes = [phone.get("/m/link/1.x.zz.y/").status_code for _ in range(OPEN_LINK.times + 1)]

    assert codes == [401] * OPEN_LINK.times + [429]
    row = Tries.objects.get()
    assert row.count == OPEN_LINK.times + 1
    assert "127.0.0.1" not in row.who
    good = path_of(make_member().pk)
    assert phone.get(good).status_code == 429
    assert phone.get(good, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_counts_of_tries_are_forgotten_after_a_day() -> None:
    Client().get("/m/link/x/")
    now = clock.now()

    assert forget_old(now) == 0
    assert forget_old(now + timedelta(days=2)) == 1
    assert not Tries.objects.exists()


def test_staff_logins_are_not_members() -> None:
    phone = Client()
    phone.force_login(get_user_model().objects.create_superuser(username="owner"))

    assert phone.get("/m/").status_code == 401


def test_staff_hand_out_a_link_that_lets_its_member_in() -> None:
    community = make_community()
    member = make_member(community, name="林晓")
    address = reverse("portal:hand-out", args=[member.public_id])
    lead, reader = make_staff("community_manager", community), make_staff("data_analyst", community)

    page = desk_of(lead).post(address)
    path = page.content.decode().partition('value="' + settings.BASE_URL)[2].partition('"')[0]

    assert page["Cache-Control"] == "no-store"
    assert Client().get(path).status_code == 302
    for nobody in (desk_of(reader), desk_of(make_stranger()), phone_of(member.pk), Client()):
        assert nobody.post(address).status_code == 404
    assert desk_of(lead).get(address).status_code == 405
    assert recorded("portal.link_issued") == [LinkIssued(member.pk)]


def desk_of(staff: Actor) -> Client:
    desk = Client()
    desk.force_login(get_user_model().objects.get(pk=staff.user_id or 0))
    return desk


def test_the_language_is_switched_on_the_phone() -> None:
    phone = phone_of(make_member(make_community()).pk)

    assert "我的专属链接" in phone.get(reverse("portal:me")).content.decode()
    switched = phone.post(reverse("ui:language"), {"language": "en", "next": reverse("portal:me")})

    assert switched["Location"] == reverse("portal:me")
    assert "My personal link" in phone.get(reverse("portal:me")).content.decode()
