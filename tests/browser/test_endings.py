"""The end of a run in a real browser: the operator reads the result, decides, reviews and closes."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser

from chaguan.communities.models import Membership
from chaguan.communities.testing import make_community, make_member, make_owner, make_room
from chaguan.console.testing import browser_of
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.people.actions.orders import confirm_order
from chaguan.playbooks.actions.handovers import hand_over
from chaguan.playbooks.actions.ratings import rate_run
from chaguan.playbooks.actions.reports import draft_reports, file_trouble
from chaguan.playbooks.models import Edition, Review, Run
from chaguan.playbooks.testing import make_edition, make_run, make_step
from chaguan.portal.testing import phone_of
from tests.browser.test_screens import faults, visiting

pytestmark = pytest.mark.django_db(transaction=True)
SYSTEM = Actor.system("test")
NAMES = ("阿青", "小满", "老周", "豆豆", "林一", "秋水", "陈默", "南枝")
TOUCH = {"track": "person", "kind": "touch", "audience": "person"}
SHOTS = os.environ.get("CHAGUAN_SHOTS")  # a folder for pictures of the pages, to look at


def ended_camp(owner: Actor) -> Run:
    """A camp of seven days that ended an hour ago, with eight people, ratings, and plans that follow."""
    now = clock.now()
    place = make_community(name="春茶训练营", type="camp")
    make_room(place)
    people = [make_member(place, name=n, first_seen_at=now - timedelta(days=9)) for n in NAMES]
    for key, title in (("persona", "跟陈老师学茶"), ("light", "每月一封信")):
        make_edition(make_step(id="T-1", offset="P1 12:00", **TOUCH), key=key, title=title)
    run = make_run(
        make_step(title="开营问好"),
        make_step(id="A-2", title="发今日功课", offset="D2 20:00"),
        community=place,
        now=now - timedelta(days=8),
        days=7,
        key="camp",
        title="七天打卡营",
        segments={
            "bought": {"condition": "orders", "times": 1},
            "active": {"condition": "messages_at_least", "messages": 3, "community": "here"},
        },
        then=[
            {"who": "bought", "start": "persona", "why": "已下单，由老师接着带"},
            {"who": "active", "start": "light", "why": "活跃的先保持联系"},
        ],
    )
    confirm_order(SYSTEM, people[0].pk, "no-1", now=now)
    Membership.objects.filter(member__in=people[1:4]).update(messages=5)
    run.occurrences.update(state="done", done_at=now - timedelta(days=2))
    Run.objects.filter(pk=run.pk).update(state="finished", ended_at=now - timedelta(hours=1))
    run.refresh_from_db()
    hand_over(SYSTEM, now=now)
    for member, stars in zip(people, (2, 3, 1, 2), strict=False):
        rate_run(Actor.member(member.pk), run.pk, stars, now=now)
    draft_reports(SYSTEM, now=now)
    day = now.date()
    file_trouble(
        owner, place.pk, now=now, day=day, what="讲师临时没到", proposal="改到周三晚，今天先发录播"
    )
    return run


def test_no_page_of_the_end_complains_overflows_or_shuts_anybody_out(
    chromium: Browser, live_server: object
) -> None:
    owner = make_owner()
    run = ended_camp(owner)
    member = make_member(run.community, first_seen_at=clock.now() - timedelta(days=9))
    end, home = f"/playbooks/runs/{run.pk}/end/", f"/communities/{run.community.slug}/"
    console = [end, f"{end}rating/", f"{end}started-light/", "/", "/today/day/", f"{home}day/"]
    wrong = walked(chromium, live_server, browser_of(owner), console)
    wrong += walked(chromium, live_server, phone_of(member.pk), ["/m/me/"])

    assert not wrong, "\n".join(wrong)


def walked(chromium: Browser, live_server: object, who: Client, addresses: list[str]) -> list[str]:
    found = []
    for size, theme in (("desk", "light"), ("phone", "dark"), ("phone", "light")):
        with visiting(chromium, live_server, who, size, theme) as (page, told):
            for address in addresses:
                found += [
                    f"{size} {theme} {address} {fault}"
                    for fault in faults(page, f"{live_server}{address}", told)
                ]
                if SHOTS:
                    name = f"{address.strip('/').replace('/', '-') or 'today'}-{size}-{theme}.png"
                    page.screenshot(path=Path(SHOTS) / name, full_page=True)
    return found


def test_the_operator_decides_reviews_and_closes_with_mouse_and_keyboard(
    chromium: Browser, live_server: object
) -> None:
    owner = make_owner()
    run = ended_camp(owner)
    with visiting(chromium, live_server, browser_of(owner), "desk", "light") as (page, told):
        page.goto(f"{live_server}/")
        page.get_by_role("link", name="七天打卡营").first.click()
        assert page.get_by_text("做完了，效果弱", exact=True).is_visible()
        page.get_by_text("还有 4 人没有去处，请决定").click()
        page.get_by_label("林一").check()
        page.get_by_label("转到").select_option("light")
        page.get_by_role("button", name="为他们开始这个计划").click()
        page.get_by_text("还有 3 人没有去处，请决定").wait_for()

        page.get_by_role("button", name="收尾", exact=True).click()
        assert page.get_by_text("收尾要有复盘").is_visible()
        page.get_by_label("改什么，为什么").fill("晚上人才在")
        page.get_by_label("步骤", exact=True).select_option("A-1")
        page.get_by_label("改哪一项").select_option("offset")
        page.get_by_label("改成什么").fill("D1 20:00")
        page.get_by_label("改成什么").press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="采纳", exact=True).click()
        page.get_by_text("下一版会改这些").wait_for()
        page.get_by_label("原因：为什么会这样").fill("早上大家在上班")
        page.get_by_role("button", name="收尾", exact=True).click()
        page.get_by_text("由此产生了 1.1.0 版").wait_for()
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / "closed.png", full_page=True)
        assert told == [] or all("422" in line for line in told)

    assert Review.objects.get().closed_at is not None
    assert Edition.objects.filter(playbook__key="camp", number=2).exists()
    run.refresh_from_db()
    assert run.handovers.filter(state="started").count() == 5
