"""The steward's sheet on the phone."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from chaguan.communities.testing import make_community, make_member
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, live_through, make_run, make_step
from chaguan.portal.testing import phone_of

pytestmark = pytest.mark.django_db
TEN = MONDAY + timedelta(hours=1)
AT_WORK = MONDAY + timedelta(hours=1, minutes=5)


def given(*, role: str = "duty_steward", **over: object) -> tuple[Client, Assignment]:
    """A steward whose run gave her one assignment at ten."""
    community = make_community(host_name="方老师")
    steward = make_member(community, role=role, name="周岚").pk
    step = make_step(
        kind="assign", actor="duty_steward", mode="human", text=None,
        instruction="和新来的人打个招呼", audience="staff", **over,
    )  # fmt: skip
    make_run(step, community=community, people={"duty_steward": Person(member_id=steward)})
    live_through(MONDAY, AT_WORK)
    return phone_of(steward), Assignment.objects.get()


def test_the_sheet_shows_why_and_how() -> None:
    phone, _assignment = given()

    with clock.moved_to(AT_WORK):
        page = phone.get(reverse("portal:duty")).content.decode()

    assert "早安" in page
    assert "让大家想起来看看" in page
    assert "和新来的人打个招呼" in page
    assert "方老师" in page


def test_a_tick_needs_its_note_and_counts_once() -> None:
    phone, assignment = given()
    address = reverse("portal:tick", args=[assignment.pk])

    with clock.moved_to(AT_WORK):
        bare = phone.post(address, {"note": "", "proof": ""})
        ticked = phone.post(address, {"note": "聊了三个人"}, follow=True)
        again = phone.post(address, {"note": "又一次"})

    assert bare.status_code == 409 or bare.status_code == 422
    assert 'role="alert"' in bare.content.decode()
    assert ticked.status_code == 200
    assert "聊了三个人" in ticked.content.decode()
    assert again.status_code == 409
    assignment.refresh_from_db()
    assert (assignment.state, assignment.note) == ("done", "聊了三个人")
    assert len(recorded("playbooks.assignment_done")) == 1


def test_leaving_out_wants_a_reason_and_keeps_what_was_typed() -> None:
    phone, assignment = given()
    address = reverse("portal:tick", args=[assignment.pk])

    with clock.moved_to(AT_WORK):
        bare = phone.post(address, {"note": "", "skip": "1"})
        left_out = phone.post(address, {"note": "今天没有新人", "skip": "1"})

    assert bare.status_code == 422
    assert left_out.status_code == 302
    assignment.refresh_from_db()
    assert (assignment.state, assignment.note) == ("skipped", "今天没有新人")


def test_others_neither_see_nor_tick_it() -> None:
    _phone, assignment = given()
    colleague = phone_of(make_member(make_community(), role="steward").pk)
    member = phone_of(make_member(make_community()).pk)
    address = reverse("portal:tick", args=[assignment.pk])

    with clock.moved_to(AT_WORK):
        assert "早安" not in colleague.get(reverse("portal:duty")).content.decode()
        assert member.get(reverse("portal:duty")).status_code == 404
        assert Client().get(reverse("portal:duty")).status_code == 401
        for phone, status in ((colleague, 404), (member, 404), (Client(), 401)):
            assert phone.post(address, {"note": "x"}).status_code == status

    assignment.refresh_from_db()
    assert assignment.state == "open"


def test_only_stewards_have_the_entry_in_the_bar() -> None:
    phone, _assignment = given()
    member = phone_of(make_member(make_community()).pk)

    assert reverse("portal:duty") in phone.get("/m/").content.decode()
    page = member.get("/m/").content.decode()
    assert reverse("portal:duty") not in page
    assert page.count('class="bar__entry"') == 3
    assert phone.get("/m/").content.decode().count('class="bar__entry"') == 4
