"""The doors of the house in a real browser: nothing foreign loaded, nothing refused by the policy."""

import pytest
from playwright.sync_api import Page, expect

from chaguan.console.start import issue_start_link
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/login/", "/no-such-page/"])
def test_a_door_opens_without_a_complaint_in_the_console(
    page: Page, live_server: object, address: str
) -> None:
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{live_server}{address}")

    expect(page.locator("h1")).to_be_visible()
    assert [told for told in complaints if "404" not in told] == []


@pytest.mark.django_db(transaction=True)
def test_the_one_time_link_leads_to_the_console(page: Page, live_server: object) -> None:
    secret = issue_start_link(Actor.system("test"), now=now())

    page.goto(f"{live_server}/start/{secret}/")
    inputs = page.locator("form input:visible")
    inputs.first.fill("operator")
    boxes = page.locator("form input[type=password]").all()
    for box in boxes:
        box.fill("a pot of longjing at dawn")
    boxes[-1].press("Enter")
    page.wait_for_url(lambda url: "/start/" not in url)

    assert page.goto(f"{live_server}/").ok  # type: ignore[union-attr] # a page answers
    assert "/login/" not in page.url
