"""Saying something: once however often one taps, kept when refused, fast to refresh."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chaguan.channels.models import Message
from chaguan.communities.models import Room
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.portal.actions.rooms import PER_MINUTE
from chaguan.portal.forms import LONGEST_TEXT
from chaguan.portal.live import board
from chaguan.portal.testing import phone_of
from chaguan.portal.tokens import TICKET_LASTS, sign_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_board() -> None:
    board.forget()


def inside() -> tuple[Client, Room, int]:
    community = make_community()
    member = make_member(community, name="林晓").pk
    return phone_of(member), make_room(community), member


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def attribute(page: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found is not None
    return found[1]


def open_room(phone: Client, room: Room) -> str:
    return phone.get(reverse("portal:room", args=[room.pk])).content.decode()


def say(phone: Client, room: Room, text: str, mark: str, **more: str) -> int:
    address = reverse("portal:room", args=[room.pk])
    return phone.post(address, {"text": text, "mark": mark, **more}).status_code


def test_a_double_tap_posts_once() -> None:
    phone, room, member = inside()
    mark = field(open_room(phone, room), "mark")

    assert [say(phone, room, "你好", mark) for _ in range(2)] == [302, 302]

    message = Message.objects.get()
    assert (message.text, message.member_id, message.room_id) == ("你好", member, room.pk)
    assert [fact.member_id for fact in recorded("channels.message_posted")] == [member]  # type: ignore[attr-defined]
    assert "你好" in open_room(phone, room)


def test_an_answer_shows_what_it_answers() -> None:
    phone, room, _member = inside()
    say(phone, room, "谁有好茶？", field(open_room(phone, room), "mark"))
    asked = Message.objects.get()

    page = phone.get(reverse("portal:room", args=[room.pk]), {"reply": asked.pk}).content.decode()
    assert field(page, "answers") == str(asked.pk)
    say(phone, room, "我有", field(page, "mark"), answers=str(asked.pk))

    assert Message.objects.last().reply_to == asked.external_id  # type: ignore[union-attr]
    assert '<span class="line__quote">林晓：谁有好茶？</span>' in open_room(phone, room)


@pytest.mark.parametrize("text", ["", "   ", "长" * (LONGEST_TEXT + 1)])
def test_what_cannot_be_sent_stays_in_the_form(text: str) -> None:
    phone, room, _member = inside()
    mark = field(open_room(phone, room), "mark")
    address = reverse("portal:room", args=[room.pk])

    answer = phone.post(address, {"text": text, "mark": mark})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert text.strip() in page
    assert field(page, "mark") == mark
    assert not Message.objects.exists()


def test_a_foreign_or_old_mark_posts_nothing_and_keeps_the_words() -> None:
    phone, room, _member = inside()
    other, _room, _m = inside()
    theirs = field(open_room(other, _room), "mark")
    mine = field(open_room(phone, room), "mark")
    address = reverse("portal:room", args=[room.pk])

    foreign = phone.post(address, {"text": "想说的话", "mark": theirs})
    with clock.moved_to(clock.now() + timedelta(hours=13)):
        old = phone.post(address, {"text": "想说的话", "mark": mine})

    for answer in (foreign, old):
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "想说的话" in page
        assert field(page, "mark") not in (theirs, mine)
    assert not Message.objects.exists()


def test_a_member_may_not_flood() -> None:
    phone, room, _member = inside()

    codes = [
        say(phone, room, f"第 {n} 句", field(open_room(phone, room), "mark"))
        for n in range(PER_MINUTE + 1)
    ]

    assert codes == [302] * PER_MINUTE + [429]
    assert Message.objects.count() == PER_MINUTE


@pytest.mark.parametrize(
    ("over", "code"), [({"is_open": False}, 403), ({"connector": "manual"}, 403)]
)
def test_closed_rooms_and_rooms_elsewhere_are_only_read(over: dict[str, object], code: int) -> None:
    phone, room, _member = inside()
    mark = field(open_room(phone, room), "mark")
    Room.objects.update(**over)

    assert 'name="text"' not in open_room(phone, room)
    assert say(phone, room, "喂", mark) == code
    assert not Message.objects.exists()


def test_older_pages_are_reached_by_a_link() -> None:
    phone, room, member = inside()
    now = clock.now()
    Message.objects.bulk_create(
        Message(
            room=room,
            member_id=member,
            external_id=str(n),
            at=now - timedelta(minutes=200 - n),
            text=f"句{n}。",
        )
        for n in range(120)
    )

    newest = open_room(phone, room)
    middle = phone.get(re.findall(r'href="([^"]*before=\d+)"', newest)[0]).content.decode()
    oldest = phone.get(re.findall(r'href="([^"]*before=\d+)"', middle)[0]).content.decode()

    pages = [[int(n) for n in re.findall(r"句(\d+)。", page)] for page in (oldest, middle, newest)]
    assert pages == [list(range(20)), list(range(20, 70)), list(range(70, 120))]
    assert "before=" not in oldest
    assert 'name="text"' not in middle


def ask(phone: Client, room: Room, page: str, **over: str) -> object:
    query = {
        "v": attribute(page, "version"),
        "t": attribute(page, "ticket"),
        "after": attribute(page, "last"),
        **over,
    }
    return phone.get(f"{reverse('portal:new-lines', args=[room.pk])}?{urlencode(query)}")


def test_nothing_new_costs_no_session_and_at_most_two_small_queries() -> None:
    phone, room, _member = inside()
    page = open_room(phone, room)

    with CaptureQueriesContext(connection) as first:
        assert ask(Client(), room, page).status_code == 204  # type: ignore[attr-defined]
    with CaptureQueriesContext(connection) as second:
        assert ask(Client(), room, page).status_code == 204  # type: ignore[attr-defined]

    assert len(first) <= 2
    assert len(second) == 0


def test_news_come_with_the_next_version_and_without_the_rest_of_the_page() -> None:
    phone, room, _member = inside()
    page = open_room(phone, room)
    other = phone_of(make_member(room.community, name="周岚").pk)
    say(other, room, "来了来了", field(open_room(other, room), "mark"))

    news = ask(phone, room, page)

    text = news.content.decode()  # type: ignore[attr-defined]
    assert news.status_code == 200  # type: ignore[attr-defined]
    assert text.count("<li") == 2  # a day and a line
    assert "来了来了" in text
    assert "<html" not in text
    version = news["X-Room-Version"]  # type: ignore[index]
    assert version != attribute(page, "version")
    assert ask(phone, room, page, v=version).status_code == 204  # type: ignore[attr-defined]


def test_a_ticket_opens_one_room_for_an_hour_and_only_says_nothing_new() -> None:
    phone, room, member = inside()
    page = open_room(phone, room)
    nobody = Client()
    elsewhere = sign_ticket(room.pk + 1, member, clock.now())

    assert ask(nobody, room, page, t=elsewhere).status_code == 401  # type: ignore[attr-defined]
    assert ask(nobody, room, page, t="").status_code == 401  # type: ignore[attr-defined]
    assert ask(nobody, room, page, v="other").status_code == 401  # type: ignore[attr-defined]
    with clock.moved_to(clock.now() + TICKET_LASTS):
        assert ask(nobody, room, page).status_code == 401  # type: ignore[attr-defined]
        assert ask(phone, room, page).status_code == 200  # type: ignore[attr-defined]


def test_the_script_gets_only_the_new_lines_back() -> None:
    phone, room, _member = inside()
    page = open_room(phone, room)
    address = reverse("portal:room", args=[room.pk])
    form = {"text": "你好", "mark": field(page, "mark"), "after": ""}

    first = phone.post(address, form, headers={"X-Portal-Live": "1"})
    again = phone.post(address, form, headers={"X-Portal-Live": "1"})

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content.decode().count("你好") == 1
    assert first["X-Form-Mark"] != form["mark"]
    assert Message.objects.count() == 1
