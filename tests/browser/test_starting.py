"""Starting a playbook in a real browser: looking and changing the form never starts anything."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page, expect

from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.models import Run


@pytest.fixture
def form(page: Page, live_server: object) -> Page:
    """The start page of the seven-day plan, as the owner of a house with one community."""
    load_library(Actor.system("test"), now=now())
    community = make_community(name="茶友会")
    make_room(community)
    make_member(community)
    owner = Client()
    owner.force_login(get_user_model().objects.create_superuser(username="lin"))
    page.context.add_cookies(
        [{"name": n, "value": c.value, "url": str(live_server)} for n, c in owner.cookies.items()]
    )
    page.goto(f"{live_server}/playbooks/touch_plan_7d/start/?community={community.pk}")
    return page


@pytest.mark.django_db(transaction=True)
def test_changing_the_form_moves_the_timeline_and_starts_nothing(form: Page) -> None:
    first = form.locator("#preview .preview__day h2").first
    before = first.inner_text()

    form.fill("input[name=starts_on]", "2031-05-05")
    form.locator("input[name=starts_on]").press("Tab")

    expect(first).not_to_have_text(before)
    expect(first).to_contain_text("2031")
    assert Run.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_it_asks_before_it_starts_and_a_no_starts_nothing(form: Page) -> None:
    for field in form.locator("input[name^=value-]").all():
        field.fill("龙井试喝装")

    form.locator(".start-form__foot button.btn-primary").click()
    expect(form.locator("#ask")).to_be_visible()
    form.locator("[data-ask=no]").click()

    expect(form.locator("#ask")).to_be_hidden()
    assert "/start/" in form.url
    form.wait_for_load_state("networkidle", timeout=60_000)  # timelines on their way hold the table
    assert Run.objects.count() == 0
