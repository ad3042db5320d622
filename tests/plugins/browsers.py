"""A real Chromium for tests that ask for `page`. Such tests carry the mark `browser` by themselves.

The system's Chromium is used (CHAGUAN_CHROMIUM names another). Without one these tests are skipped
aloud; CHAGUAN_CI=1 makes that a failure. Nothing outside our own server can be reached from a page.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "browser: needs Chromium; set by itself where `page` is used"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"page", "phone_page", "chromium"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


def chromium_path() -> str:
    """The Chromium of this machine, or nothing."""
    wish = os.environ.get("CHAGUAN_CHROMIUM")
    found = (path for name in ([wish] if wish else NAMES) if (path := shutil.which(name)))
    return next(found, "")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run. Its loop makes Django refuse the ORM in this thread: allowed."""
    path = chromium_path()
    if not path:
        reason = "no Chromium here (install Debian's chromium, or name one in CHAGUAN_CHROMIUM)"
        if os.environ.get("CHAGUAN_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _new_page(chromium: Browser, **options: object) -> Iterator[Page]:
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **options)  # type: ignore[arg-type] # passed on
    context.set_default_timeout(10_000)
    context.route("**/*", _own_server_only)
    yield context.new_page()
    context.close()


def _own_server_only(route: Route) -> None:
    host = route.request.url.partition("//")[2].partition("/")[0].partition(":")[0]
    if host in ("localhost", "127.0.0.1", "") or not route.request.url.startswith("http"):
        route.continue_()
    else:
        route.abort()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh window at a desk, in Chinese."""
    yield from _new_page(chromium, viewport=DESK)


@pytest.fixture
def phone_page(chromium: Browser) -> Iterator[Page]:
    """A fresh window on a phone, in Chinese."""
    yield from _new_page(chromium, viewport=PHONE, is_mobile=True, has_touch=True)
