"""The playbook editor in a real browser: copy, drag, write, see the phone, publish, see the difference."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page, expect

from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.models import Draft, Playbook
from chaguan.playbooks.reading import load_playbook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page_of_owner(page: Page, live_server: object) -> Page:
    """The library, as the owner of the house."""
    load_library(Actor.system("test"), now=now())
    owner = Client()
    owner.force_login(get_user_model().objects.create_superuser(username="lin"))
    page.context.add_cookies(
        [{"name": n, "value": c.value, "url": str(live_server)} for n, c in owner.cookies.items()]
    )
    page.set_default_timeout(20_000)
    page.set_viewport_size({"width": 1440, "height": 900})
    return page


def offset_in(draft_key: str, code: str) -> str:
    text = Draft.objects.get(playbook__key=draft_key).text
    return load_playbook(text).step(code).offset


def kept(page: Page, version: int) -> None:
    """Wait until the draft's change number `version` has been kept and shown."""
    expect(page.locator("#draft-version")).to_have_value(str(version), timeout=20_000)


def settled(page: Page) -> None:
    """Wait until the pause before saving is over and every answer has come: a slow machine is no fault."""
    page.wait_for_timeout(900)
    page.wait_for_load_state("networkidle")


def copied(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/playbooks/newcomer_10d/")
    page.get_by_role("link", name="复制").click()
    page.fill("#copy-key", "our_ten_days")
    page.fill("#copy-title", "我们的十天")
    page.get_by_role("button", name="复制并编辑").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("我们的十天")


def test_copy_drag_write_publish_and_compare(page_of_owner: Page, live_server: object) -> None:
    page = page_of_owner
    copied(page, live_server)
    card = page.locator(".ecard").filter(has_text=re.compile(r"\d\d:\d\d")).nth(6)
    code = card.get_attribute("data-code") or ""
    before = offset_in("our_ten_days", code)
    cell = page.locator("td.eboard__cell", has=page.locator(f".ecard[data-code='{code}']")).first
    day = int(cell.get_attribute("data-day") or 0)
    target = page.locator(f"td.eboard__cell[data-day='{day + 1}']").first
    card.scroll_into_view_if_needed()

    card.drag_to(target)

    kept(page, 2)
    expect(target.locator(f".ecard[data-code='{code}']")).to_be_visible()
    assert offset_in("our_ten_days", code) != before
    page.get_by_role("button", name="撤销").click()
    kept(page, 3)
    assert offset_in("our_ten_days", code) == before
    page.get_by_role("button", name="重做").click()
    kept(page, 4)
    moved = offset_in("our_ten_days", code)
    assert moved != before

    page.locator(f".ecard[data-code='{code}']").first.click()
    expect(page.locator("#panel h2")).to_have_text(code)
    settled(page)
    page.select_option("#step-mode", "auto")
    page.select_option("#step-kind", "say")
    page.select_option("#step-actor", "system")
    page.select_option("#step-audience", "room")
    page.select_option("#step-script", "")
    settled(page)
    page.fill("#step-text", "{{ community_name }}的朋友，{{ weekday }}见")
    expect(page.locator("#phone")).to_contain_text("茶友群的朋友，周日见", timeout=20_000)
    expect(page.locator("#draft-state .notice")).to_have_count(0)

    page.get_by_role("link", name="发布").click()
    expect(page.locator(".changes")).to_have_count(0)  # a first edition has nothing to compare with
    page.fill("#publish-note", "按我们的节奏改了一天")
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("我们的十天")
    assert Playbook.objects.get(key="our_ten_days").current is not None

    page.get_by_role("button", name="编辑").click()
    page.locator(f".ecard[data-code='{code}']").first.click()
    page.fill("#step-title", "换个标题")
    expect(page.locator(f".ecard[data-code='{code}']").first).to_contain_text(
        "换个标题", timeout=20_000
    )
    page.get_by_role("link", name="发布").click()
    expect(page.locator(".changes ins")).to_have_text("换个标题")
    expect(page.locator("#publish-number")).to_have_value("1.0.1")
    page.fill("#publish-note", "标题更清楚")
    page.get_by_role("button", name="发布").click()
    page.get_by_role("link", name="改动").click()
    expect(page.locator(".changes ins")).to_have_text("换个标题")
    expect(page.get_by_text("标题更清楚").first).to_be_visible()
    assert OutboxRow.objects.count() == 0


def test_a_step_moves_with_the_keyboard_and_with_buttons_on_a_phone(
    page_of_owner: Page, live_server: object
) -> None:
    page = page_of_owner
    copied(page, live_server)
    card = page.locator(".eboard__cell[data-day='3'] .ecard").first
    code = card.get_attribute("data-code") or ""
    before = offset_in("our_ten_days", code)
    settled(page)
    card.focus()

    page.keyboard.press("Alt+ArrowRight")
    kept(page, 2)

    moved = page.locator(f".eboard__cell[data-day='4'] .ecard[data-code='{code}']")
    expect(moved).to_be_focused()
    page.set_viewport_size({"width": 390, "height": 844})
    moved.click()
    expect(page.locator("#panel h2")).to_have_text(code)
    settled(page)
    page.get_by_role("button", name="早一天").click()
    kept(page, 3)
    expect(page.locator(f".eboard__cell[data-day='3'] .ecard[data-code='{code}']")).to_be_visible()
    assert offset_in("our_ten_days", code) == before


def test_a_problem_leads_to_its_line_in_the_yaml(page_of_owner: Page, live_server: object) -> None:
    page = page_of_owner
    copied(page, live_server)
    page.get_by_role("link", name="YAML").click()
    text = page.locator("#yaml-text").input_value()
    page.fill("#yaml-text", text.replace("kind: assign", "kind: asign", 1))
    page.get_by_role("button", name="保存并检查").click()

    page.locator("#draft-faults [data-line]").first.click()

    chosen = page.evaluate(
        "() => { const t = document.querySelector('#yaml-text');"
        " return t.value.slice(t.selectionStart, t.selectionEnd); }"
    )
    assert chosen.strip() == "kind: asign"
