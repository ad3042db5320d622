"""The steward's sheet on the phone."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chaguan.channels.selectors.sending import rehearsed
from chaguan.channels.testing import make_account
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.playbooks.engine.ends import end_what_waited
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, live_and_send, live_through, make_run, make_step
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


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def test_a_picture_proves_it_and_nobody_else_sees_it() -> None:
    phone, assignment = given()
    tick = reverse("portal:tick", args=[assignment.pk])
    picture = reverse("portal:duty-picture", args=[assignment.pk])

    with clock.moved_to(AT_WORK):
        wrong = phone.post(
            tick, {"note": "聊过", "picture": SimpleUploadedFile("x.png", b"<svg/>")}
        )
        assignment.refresh_from_db()
        assert (wrong.status_code, assignment.state) == (422, "open")
        assert 'role="alert"' in wrong.content.decode()
        assert "聊过" in wrong.content.decode()
        sent = phone.post(tick, {"note": "聊过", "picture": SimpleUploadedFile("x.png", PIXEL)})
        shown = phone.get(picture)
        page = phone.get(reverse("portal:duty")).content.decode()
        colleague = phone_of(make_member(make_community(), role="steward").pk)

        assert sent.status_code == 302
        assert (shown.status_code, shown["Content-Type"], shown.content) == (
            200,
            "image/png",
            PIXEL,
        )
        assert shown["X-Content-Type-Options"] == "nosniff"
        assert picture in page
        assert colleague.get(picture).status_code == 404


def test_her_day_is_a_table_without_formulas() -> None:
    phone, _assignment = given(title="=HYPERLINK(1)")

    with clock.moved_to(AT_WORK):
        table = phone.get(reverse("portal:duty-csv"))
        member = phone_of(make_member(make_community()).pk)
        assert member.get(reverse("portal:duty-csv")).status_code == 404

    lines = table.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert ",'=HYPERLINK(1)," in lines[1]


def test_a_yes_sends_what_the_house_can_send_and_nobody_copies_it() -> None:
    community = make_community()
    account = make_account("echo")
    make_room(community, connector="echo", account_id=account.pk)
    steward = make_member(community, role="duty_steward").pk
    make_run(
        make_step(mode="assist", actor="duty_steward"),
        community=community,
        people={"duty_steward": Person(member_id=steward)},
    )
    live_and_send(MONDAY, AT_WORK, step=timedelta(minutes=5))
    phone, assignment = phone_of(steward), Assignment.objects.get()

    with clock.moved_to(AT_WORK):
        page = phone.get(reverse("portal:duty")).content.decode()
        phone.post(reverse("portal:tick", args=[assignment.pk]), {"note": "", "approve": "1"})
    assert list(rehearsed(account.pk)) == []
    live_and_send(AT_WORK, AT_WORK)

    assert 'name="approve"' in page
    assert "data-copy" not in page
    assert len(list(rehearsed(account.pk))) == 1


def many(members: int, **over: object) -> tuple[Client, list[int]]:
    """A steward with one line per member, all of one step."""
    community = make_community()
    account = make_account("echo", label=community.name)
    make_room(community, connector="echo", account_id=account.pk)
    steward = make_member(community, role="duty_steward", name="周岚").pk
    for _number in range(members - 1):
        make_member(community)
    step = make_step(
        actor="duty_steward", track="person", kind="touch", audience="person", mode="assist", **over
    )
    make_run(step, community=community, people={"duty_steward": Person(member_id=steward)})
    live_and_send(MONDAY, AT_WORK, step=timedelta(minutes=65))
    return phone_of(steward), list(Assignment.objects.order_by("id").values_list("pk", flat=True))


def test_lines_of_one_step_are_one_card_that_opens_and_one_press_does_them_all() -> None:
    phone, ids = many(22)
    address = reverse("portal:duty-all", args=[ids[-1]])

    with clock.moved_to(AT_WORK):
        page = phone.get(reverse("portal:duty")).content.decode()
        first = phone.get(address).content.decode()
        ticked = phone.post(
            reverse("portal:tick", args=[ids[0]]), {"approve": "1", "note": "", "all": ids[-1]}
        )
        colleague = phone_of(make_member(make_community(), role="steward").pk)
        hers = [colleague.get(address).status_code, colleague.post(address, {}).status_code]
        bare = phone.post(address, {"note": "", "skip": "1"})
        agreed = phone.post(address, {"note": "", "approve": "1"}, follow=True)
        closed = phone.get(address)

    cards = page.count('class="card"'), page.count('data-amount="22"')
    assert cards == (2, 1), "one for all 22, one about her time"
    assert (first.count('name="approve"'), 'rel="next"' in first) == (20, True)
    assert ticked["Location"] == address
    assert hers == [404, 404]
    assert (bare.status_code, 'role="alert"' in bare.content.decode()) == (422, True)
    assert "21" in agreed.content.decode()
    assert closed.status_code == 200
    assert set(Assignment.objects.values_list("state", flat=True)) == {"done"}


def test_the_sheet_asks_as_often_for_ten_lines_of_a_step_as_for_two() -> None:
    counts = []
    for members in (2, 10):
        phone, _ids = many(members)
        with clock.moved_to(AT_WORK):
            phone.get(reverse("portal:duty"))
            with CaptureQueriesContext(connection) as asked:
                phone.get(reverse("portal:duty"))
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_what_she_did_not_agree_to_in_time_can_still_be_sent() -> None:
    community = make_community()
    account = make_account("echo").pk
    make_room(community, connector="echo", account_id=account)
    steward = make_member(community, role="duty_steward").pk
    step = make_step(mode="assist", actor="duty_steward", late_after="1h", text="十点见")
    make_run(step, community=community, people={"duty_steward": Person(member_id=steward)})
    live_and_send(TEN, TEN)
    phone, line, over = phone_of(steward), Assignment.objects.get(), TEN + timedelta(hours=1)
    address = reverse("portal:tick", args=[line.pk])

    with clock.moved_to(over):
        refused = phone.post(address, {"note": "", "approve": "1"})
        end_what_waited(over)
        page = phone.get(reverse("portal:duty")).content.decode()
        sent = phone.post(address, {"anyway": "1"})
    live_and_send(over, over)

    assert refused.status_code == 409
    assert 'name="anyway"' in refused.content.decode()
    assert 'name="anyway"' in page
    assert 'name="approve"' not in page
    assert sent.status_code == 302
    assert [row.text for row in rehearsed(account)] == ["十点见"]
