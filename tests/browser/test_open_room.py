"""An open room in a real browser: live, once per tap, kept when the network is away, whole without scripts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chaguan.channels.models import Message
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.kernel.clock import now
from chaguan.portal.testing import phone_of

pytestmark = pytest.mark.django_db(transaction=True)
Phone = Callable[..., Page]


@pytest.fixture
def phone(chromium: Browser, live_server: Any) -> Iterator[Phone]:
    """Opens a page on a small screen, logged in as a member."""
    contexts: list[BrowserContext] = []

    def opened(member_id: int, *, script: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": 390, "height": 844}, locale="zh-CN", java_script_enabled=script
        )
        contexts.append(context)
        cookies = phone_of(member_id).cookies.items()
        context.add_cookies(
            [{"name": n, "value": c.value, "url": str(live_server)} for n, c in cookies]
        )
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def room(live_server: Any) -> tuple[str, int, int]:
    """The address of a room, and two members of its community."""
    community = make_community(host_name="方老师")
    address = reverse("portal:room", args=[make_room(community, name="大堂").pk])
    members = [make_member(community, name=name).pk for name in ("林晓", "周岚")]
    return f"{live_server}{address}", members[0], members[1]


def test_what_one_says_the_other_sees(phone: Phone, room: tuple[str, int, int]) -> None:
    address, one, other = room
    mine, theirs = phone(one), phone(other)
    mine.goto(address)
    theirs.goto(address)

    mine.get_by_placeholder("说点什么").fill("今天喝了白茶 <img src=x onerror=alert(1)>")
    mine.get_by_role("button", name="发送").dblclick()

    expect(mine.locator(".line--mine")).to_have_count(1)
    expect(mine.get_by_placeholder("说点什么")).to_have_value("")
    expect(theirs.locator(".line__text")).to_have_text(
        "今天喝了白茶 <img src=x onerror=alert(1)>", timeout=10_000
    )
    expect(theirs.locator(".line img")).to_have_count(0)
    assert Message.objects.count() == 1

    theirs.get_by_role("link", name="回复").click()
    expect(theirs.locator("#answered")).to_contain_text("林晓")
    theirs.get_by_placeholder("说点什么").fill("我也是")
    theirs.get_by_role("button", name="发送").click()

    expect(mine.locator(".line .line__quote")).to_contain_text("今天喝了白茶", timeout=10_000)
    expect(mine.locator(".line")).to_have_count(2)


def test_words_stay_when_the_network_is_away_and_go_once_when_it_is_back(
    phone: Phone, room: tuple[str, int, int]
) -> None:
    address, one, _other = room
    page = phone(one)
    page.goto(address)
    page.get_by_placeholder("说点什么").fill("等一等")

    page.context.set_offline(True)
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#state")).to_contain_text("没发出去")
    expect(page.get_by_placeholder("说点什么")).to_have_value("等一等")
    page.context.set_offline(False)
    page.get_by_role("button", name="发送").click()

    expect(page.locator(".line--mine")).to_have_count(1)
    assert [message.text for message in Message.objects.all()] == ["等一等"]


def test_without_scripts_one_reads_writes_and_refreshes(
    phone: Phone, room: tuple[str, int, int]
) -> None:
    address, one, other = room
    page, theirs = phone(one, script=False), phone(other, script=False)
    theirs.goto(address)
    page.goto(address)

    page.locator("textarea").fill("没有脚本也能说话")
    page.get_by_role("button", name="发送").click()

    assert "没有脚本也能说话" in page.content()
    theirs.get_by_role("link", name="看新消息").click()
    assert "没有脚本也能说话" in theirs.content()
    page.locator("textarea").fill("   ")
    page.get_by_role("button", name="发送").click()
    assert "先写点什么吧" in page.content()
    assert Message.objects.count() == 1


def test_a_long_talk_opens_at_its_end(phone: Phone, room: tuple[str, int, int]) -> None:
    address, one, other = room
    room_id = int(address.rstrip("/").rpartition("/")[2])
    Message.objects.bulk_create(
        Message(room_id=room_id, member_id=other, external_id=str(n), at=now(), text=f"第 {n} 句")
        for n in range(60)
    )
    page = phone(one, script=False)
    page.goto(address)

    expect(page.get_by_text("第 59 句", exact=True)).to_be_in_viewport()
    expect(page.get_by_role("button", name="发送")).to_be_in_viewport()
    size = page.get_by_role("button", name="发送").bounding_box()
    assert size is not None
    assert size["height"] >= 44
