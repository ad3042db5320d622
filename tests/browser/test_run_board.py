"""A run in a real browser: no barrier on its pages, a step skipped and taken back, the plan on paper."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from chaguan.kernel.clock import now
from chaguan.playbooks.models import Occurrence, Run, SkippedStep, StepMove
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import live_through, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db(transaction=True)
WORK = {"kind": "assign", "mode": "human", "text": None, "instruction": "聊聊", "actor": "operator"}


@pytest.fixture
def run(live_server: object) -> Run:
    """A run that began two days ago: one step missed, two to come, one for a person."""
    owner = get_user_model().objects.create_superuser(username="lin")
    begin = now() - timedelta(days=2)
    found = make_run(
        make_step(id="MISSED", title="错过的问候", offset="H+1", lateness="skip"),
        make_step(id="NEXT", title="明天的问候", offset="H+72, H+96"),
        make_step(id="WORK", title="聊一聊", offset="H+80", minutes=30, **WORK),
        community=make_place(name="茶友会", slug="cha"),
        people={"operator": Person(user_id=owner.pk)},
        now=begin,
    )
    live_through(now(), now())
    return found


def opened(page: Page, live_server: object) -> Page:
    owner = Client()
    owner.force_login(get_user_model().objects.get(username="lin"))
    page.context.add_cookies(
        [{"name": n, "value": c.value, "url": str(live_server)} for n, c in owner.cookies.items()]
    )
    return page


def test_a_step_is_skipped_with_a_reason_and_taken_back(
    page: Page, run: Run, live_server: object
) -> None:
    opened(page, live_server).goto(f"{live_server}/playbooks/runs/{run.pk}/?view=steps")
    line = page.locator("#step-NEXT")

    line.locator("summary").click()
    line.locator("input[name=reason]").fill("放假")
    line.locator("form button").click()

    expect(page.locator("#step-NEXT")).to_contain_text("放假")
    assert SkippedStep.objects.get().reason == "放假"
    page.locator(".toast-item__undo").click()
    expect(page.locator("#step-NEXT")).not_to_contain_text("放假")
    page.wait_for_load_state("networkidle")
    assert SkippedStep.objects.count() == 0
    assert Occurrence.objects.filter(step__code="NEXT", state="waiting").count() == 2


def test_a_missed_step_gets_a_new_time_on_the_board(
    page: Page, run: Run, live_server: object
) -> None:
    opened(page, live_server).goto(f"{live_server}/playbooks/runs/{run.pk}/")
    missed = Occurrence.objects.get(step__code="MISSED")
    card = page.locator(".run-card--late", has_text="错过的问候")
    expect(card).to_be_visible()

    page.locator("button[value=reschedule]").click()
    expect(page.locator("[role=alert], .notice--error").first).to_be_visible()
    card.locator("input[type=checkbox]").check()
    at = (now() + timedelta(days=9)).strftime("%Y-%m-%dT10:00")
    page.fill("input[name=at]", at)
    page.fill(".board-form__why input", "服务器停了")
    page.locator("button[value=reschedule]").click()

    expect(page.locator(".run-card--waiting", has_text="错过的问候")).to_be_visible()
    missed.refresh_from_db()
    assert (missed.state, StepMove.objects.get().reason) == ("waiting", "服务器停了")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_pages_of_a_run_shut_nobody_out(
    chromium: Browser, run: Run, live_server: object, size: tuple[int, int]
) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    page = opened(context.new_page(), live_server)
    member = run.community.memberships.first()
    assert member is not None
    home = f"/playbooks/runs/{run.pk}/"
    found: list[Any] = []
    for path in (
        home,
        f"{home}?view=calendar",
        f"{home}?view=calendar&span=week",
        f"{home}?view=steps",
        f"{home}?column=late",
        f"{home}steps/NEXT/",
        f"{home}steps/WORK/",
        "/playbooks/planning/",
        "/communities/cha/plan/",
        "/playbooks/small/start/",
        f"/members/{member.member.public_id}/",
    ):
        answer = page.goto(f"{live_server}{path}")
        assert answer is not None
        assert answer.ok, path
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [f"{path} is {wide} px too wide"] if wide > 0 else []
        found += [
            f"{path} {one['id']}: {one['nodes'][0]['html'][:140]}"
            for one in Axe().run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    context.close()
    assert found == []


@pytest.mark.req("SOP-21")
def test_the_plan_prints_on_paper_with_the_dates_of_the_run(
    page: Page, run: Run, live_server: object
) -> None:
    opened(page, live_server).goto(f"{live_server}/communities/cha/plan/")
    expect(page.locator("[data-print]")).to_be_visible()

    page.emulate_media(media="print")

    for gone in (".shell__side", ".tabs", ".crumb", "[data-print]"):
        expect(page.locator(gone).first).to_be_hidden()
    shown = page.locator(".plan-days tr[data-day]").evaluate_all(
        "rows => rows.map(row => row.dataset.day)"
    )
    rows = Occurrence.objects.filter(run=run).order_by("due_at")
    zone = ZoneInfo(run.zone)
    days = [f"{row.due_at.astimezone(zone).date()}" for row in rows]
    assert shown == list(dict.fromkeys(days))
    assert page.pdf(format="A4").startswith(b"%PDF")
