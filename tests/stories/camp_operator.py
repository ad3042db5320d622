"""The operator of the camp's story in a real browser, and whoever looks at a phone; each page is pictured."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.stories.camp_house import PASSWORD, ROLES

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
TALLEST = 6000
VALUES = {
    "host": "班主任陈老师",
    "link": "“我的页面”里的“房间”",
    "unit_1": "水温",
    "unit_2": "投茶量",
    "unit_3": "盖碗",
    "unit_4": "出汤",
    "unit_5": "完整泡一壶",
    "first_assignment": "泡一杯平时喝的茶，记下水温和时间",
    "next_aim": "独立泡一壶给家人喝",
    "product": "二十八天进阶班",
    "price": "680 元",
    "terms": "开课前全退，开课后按未上课时退",
    "contact": "班主任陈老师",
    "fits": "想系统喝完六大茶类的",
    "fits_not": "这阵子抽不出时间的",
    "next_step": "进阶班、绿茶小组，或者每月一封信",
}


@dataclass
class Eyes:
    """Opens pages, keeps a picture of each, and notes what a browser complains about."""

    browser: Browser
    url: str
    shots: Path
    now: Callable[[], datetime]
    told: list[str] = field(default_factory=list)
    number: int = 0

    def page(self, size: dict[str, int], cookies: CookieJar | None = None) -> Page:
        """A browser of its own, in Chinese; logged in as the holder of `cookies`."""
        context = self.browser.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type] # its own dict
        if cookies is not None:
            known = [{"name": c.name, "value": c.value or "", "url": self.url} for c in cookies]
            context.add_cookies(known)  # type: ignore[arg-type] # its own dict
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda line: self._note(page, line.type, line.text))
        page.on("pageerror", lambda error: self.told.append(f"{page.url} {error}"))
        return page

    def see(self, page: Page, name: str, path: str = "", *, full: bool = True) -> None:
        """Go to `path`, or stay, and keep a picture. The browser's clock is moved, too: it says “ago”."""
        page.clock.set_system_time(self.now())
        if path:
            answer = page.goto(f"{self.url}{path}", wait_until="networkidle")
            if answer is None or not answer.ok:
                self.told.append(f"{path} answers {answer.status if answer else 'nothing'}")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            self.told.append(f"{name} is {wide} px too wide")
        self.number += 1
        size = page.viewport_size
        tall = page.evaluate("document.documentElement.scrollHeight")
        if (
            full and size and tall > size["height"]
        ):  # bars that stick to the window stay at its edges
            page.set_viewport_size({"width": size["width"], "height": min(tall, TALLEST)})
            page.wait_for_timeout(150)
        page.screenshot(path=self.shots / f"{self.number:02}-{name}.png")
        if size:
            page.set_viewport_size(size)

    def _note(self, page: Page, kind: str, text: str) -> None:
        if kind == "error":
            self.told.append(f"{page.url} {text}")


@dataclass
class Operator:
    """林知秋: starts the camp and looks after it."""

    eyes: Eyes
    page: Page
    run_id: int = 0
    preview: dict[str, Any] = field(default_factory=dict)

    @property
    def run_url(self) -> str:
        return f"/playbooks/runs/{self.run_id}/"

    def log_in(self) -> None:
        page = self.page
        page.goto(f"{self.eyes.url}/login/")
        page.fill("input[name=username]", "lin")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{self.eyes.url}/")
        self.eyes.see(page, "today-before")

    def start(self, community_id: int, first_day: date, people: dict[str, str]) -> None:
        """From the library to a started run, by the page's own buttons."""
        page, see = self.page, self.eyes.see
        see(page, "library", "/playbooks/?type=camp")
        page.get_by_role("link", name="七日训练营").first.click()
        page.wait_for_load_state("networkidle")
        see(page, "camp-edition")
        page.goto(f"{self.eyes.url}/playbooks/camp_7d/start/?community={community_id}")
        page.wait_for_load_state("networkidle")
        see(page, "start-empty", full=False)
        page.fill("input[name=starts_on]", first_day.isoformat())
        for name, value in VALUES.items():
            page.fill(f"input[name=value-{name}]", value)
        for role in ROLES:
            page.select_option(f"select[name=role-{role}]", people[role])
        page.locator(f"select[name=role-{role}]").press("Tab")
        expect(page.locator("#preview")).not_to_contain_text("文案里还缺", timeout=60_000)
        page.wait_for_load_state("networkidle", timeout=60_000)
        self.preview = {
            "held": page.locator("section[aria-labelledby=held-back] li").all_inner_texts(),
            "hours": page.locator("section[aria-labelledby=whose-hours] li > .row-list__main").all_inner_texts(),
            "days": page.locator(".preview__day .panel__head").all_inner_texts(),
        }  # fmt: skip
        see(page, "start-preview")
        page.locator(".start-form__foot button.btn-primary").click()
        page.locator("#ask").wait_for()
        see(page, "start-ask", full=False)
        page.locator("[data-ask=yes]").click()
        page.wait_for_url("**/playbooks/runs/*/", timeout=60_000)
        self.run_id = int(page.url.rstrip("/").rsplit("/", 1)[1])
        see(page, "run-started")

    def look(self, name: str) -> None:
        """The run's three views, and today."""
        self.eyes.see(self.page, f"{name}-board", self.run_url)
        self.eyes.see(self.page, f"{name}-calendar", f"{self.run_url}?view=calendar")
        self.eyes.see(self.page, f"{name}-steps", f"{self.run_url}?view=steps")
        self.eyes.see(self.page, f"{name}-today", "/")

    def shift_step(self, code: str, days: int, reason: str) -> None:
        page = self.page
        page.goto(f"{self.eyes.url}{self.run_url}steps/{code}/")
        page.locator("details:has(input[value=shift-step]) summary").first.click()
        form = page.locator("form:has(input[value=shift-step])")
        form.locator("input[name=days]").fill(str(days))
        form.locator("input[name=reason]").fill(reason)
        form.locator("button").click()
        page.wait_for_load_state("networkidle")
        self.eyes.see(page, "step-moved", f"{self.run_url}steps/{code}/")

    def skip(self, code: str, reason: str) -> None:
        page = self.page
        page.goto(f"{self.eyes.url}{self.run_url}steps/{code}/")
        form = page.locator("form:has(input[name=act][value=skip])")
        page.locator("details:has(input[name=act][value=skip]) summary").first.click()
        form.locator("input[name=reason]").fill(reason)
        form.locator("button").click()
        page.wait_for_load_state("networkidle")
        self.eyes.see(page, "step-skipped", f"{self.run_url}steps/{code}/")

    def press(self, act: str, name: str) -> None:
        """Pause the run or let it go on."""
        self.page.goto(f"{self.eyes.url}{self.run_url}")
        self.page.locator(f".run-acts button[value={act}]").click()
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(400)
        self.eyes.see(self.page, name, full=False)

    def take_over(self, public_id: str) -> None:
        page = self.page
        page.goto(f"{self.eyes.url}/members/{public_id}/")
        page.locator(".talk-form summary").first.click()
        page.locator(".talk-form input[name=reason]").first.fill("家里有事，我亲自陪他两天")
        page.locator("button[value=take_over]").first.click()
        page.wait_for_load_state("networkidle")
        self.eyes.see(page, "member-taken-over")

    def hand_back(self, public_id: str) -> None:
        self.page.goto(f"{self.eyes.url}/members/{public_id}/")
        waited = self.page.locator(".talk-form summary")
        if waited.count():
            waited.first.click()
        self.page.locator("button[value=hand_back]").first.click()
        self.page.wait_for_load_state("networkidle")
        self.eyes.see(self.page, "member-handed-back", full=False)

    def note_order(self, public_id: str, reference: str) -> None:
        page = self.page
        page.goto(f"{self.eyes.url}/members/{public_id}/")
        form = page.locator("form:has(input[name=act][value=order])")
        for summary in page.locator("details:has(input[value=order]) summary").all():
            summary.click()
        form.locator("input[name=amount]").fill("680")
        form.locator("input[name=reference]").fill(reference)
        form.locator("button").click()
        page.wait_for_load_state("networkidle")
        self.eyes.see(page, f"order-{reference}", full=False)

    def close(self) -> None:
        """The review: one change, accepted; then the new edition and its diff."""
        page, see = self.page, self.eyes.see
        see(page, "end", f"{self.run_url}end/")
        page.fill("#change-what", "没打卡的提醒提早半小时，八点大家在看班会")
        page.select_option("#change-step", "CMP-13")
        page.select_option("#change-field", "offset")
        page.fill("#change-value", "D2–D6 19:00")
        page.locator("button[value=propose]").click()
        page.locator("button[value=accept]").first.click()
        page.wait_for_load_state("networkidle")
        see(page, "end-accepted")
        page.fill("#causes", "提醒和班会挤在一起，晚到的人看不见。")
        page.locator("button[value=close]").click()
        page.wait_for_load_state("networkidle")
        see(page, "end-closed")
        see(page, "edition-2", "/playbooks/camp_7d/")
        see(page, "edition-changes", "/playbooks/camp_7d/changes/")
