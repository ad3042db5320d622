"""Every screen on the demo house in a real browser: both sizes, both themes, no complaint, no barrier."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page

from chaguan.channels.selectors.sending import outbox_visible_to
from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.selectors.audiences import holders_in, open_rooms
from chaguan.config.demo import build
from chaguan.console.menu import MENU
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now
from chaguan.people.selectors.members import members_visible_to
from chaguan.playbooks.actions.drafts import open_draft
from chaguan.playbooks.models import Playbook
from chaguan.playbooks.selectors.runs import runs_visible_to
from chaguan.portal.testing import phone_of

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
SYSTEM = Actor.system("test")


@contextmanager
def visiting(
    chromium: Browser, live_server: Any, who: Client, size: str, theme: str
) -> Iterator[tuple[Page, list[str]]]:
    """A page of a browser that is logged in as `who`, and what its console complained about."""
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        color_scheme="dark" if theme == "dark" else "light",
    )
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": str(live_server)}
            for name, cookie in who.cookies.items()
        ]
    )
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    yield page, told
    context.close()


def faults(page: Page, address: str, told: list[str]) -> Iterator[str]:
    """What is wrong with one screen: not served, complaining, too wide, or a barrier for somebody."""
    told.clear()
    answer = page.goto(address)
    page.wait_for_load_state("networkidle")
    if answer is None or not answer.ok:
        yield f"answers {answer.status if answer else 'nothing'}"
        return
    yield from (f"complains: {line}" for line in told)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wide > 0:
        yield f"is {wide} px too wide"
    for found in Axe().run(page).response["violations"]:
        if found["impact"] in ("serious", "critical"):
            place = found["nodes"][0]["html"][:120]
            yield f"{found['id']} ({len(found['nodes'])}×): {place}"


def walk(
    chromium: Browser, live_server: Any, who: Client, addresses: list[str], looks: dict[str, str]
) -> list[str]:
    """All faults of all addresses, at each size with its theme."""
    found = []
    for size, theme in looks.items():
        with visiting(chromium, live_server, who, size, theme) as (page, told):
            for address in addresses:
                found += [
                    f"{size} {theme} {address} {fault}"
                    for fault in faults(page, f"{live_server}{address}", told)
                ]
    return found


@pytest.mark.django_db(transaction=True)
def test_no_screen_complains_overflows_or_shuts_anybody_out(
    chromium: Browser, live_server: object
) -> None:
    build(now())
    owner = Client()
    owner.force_login(get_user_model().objects.create_superuser(username="operator"))
    community = communities_visible_to(SYSTEM).order_by("pk").first()
    assert community
    stewards = [h.member_id for h in holders_in(community.pk) if h.role == "duty_steward"]
    member = members_visible_to(SYSTEM).filter(pk__in=[pk for pk in stewards if pk]).first()
    run = runs_visible_to(SYSTEM).first()
    row = outbox_visible_to(SYSTEM).filter(state="unknown").first()
    assert member
    assert run
    assert row
    room = open_rooms().filter(community_id=community.pk).order_by("pk").first()
    assert room
    draft = open_draft(SYSTEM, Playbook.objects.get(key="newcomer_10d").pk, now=now())
    at_home = f"/communities/{community.slug}/"
    console = [
        *(_path(entry.url_name) for entry in MENU),
        at_home,
        *(
            f"{at_home}{tab}/"
            for tab in ("rooms", "settings", "rules", "period", "board", "activation")
        ),
        f"{at_home}rooms/{room.pk}/",
        f"/members/{member.public_id}/",
        "/members/?0-condition=stage&0-stages=bought&add=quiet_for",
        "/members/segments/tag/?0-condition=stage&0-stages=bought",
        "/playbooks/newcomer_10d/",
        f"/playbooks/newcomer_10d/start/?community={community.pk}",
        "/playbooks/newcomer_10d/copy/",
        "/playbooks/newcomer_10d/changes/",
        *(f"/playbooks/drafts/{draft.pk}/{page}" for page in ("", "head/", "yaml/", "publish/")),
        f"/playbooks/drafts/{draft.pk}/?step=NEW-S08",
        f"/playbooks/runs/{run.pk}/",
        f"/playbooks/runs/{run.pk}/?view=calendar",
        f"/playbooks/runs/{run.pk}/?view=steps",
        "/playbooks/import/",
        "/playbooks/planning/",
        f"{at_home}plan/",
        f"/outbox/{row.pk}/",
        "/insights/?view=retention",
        "/insights/definitions/",
        "/settings/staff/",
        "/settings/roles/",
        "/settings/channels/",
        "/settings/log/",
        "/settings/questions/",
        "/settings/rules/",
        "/settings/tiers/",
        "/members/stages/?by=tier",
        "/members/stages/plans/",
        "/members/stages/plans/acquainted/",
        "/settings/components/",
    ]
    phone = phone_of(member.pk)
    portal = ["/m/", f"/m/rooms/{room.pk}/", "/m/check-in/", "/m/me/", "/m/me/letters/"]
    portal += [f"/m/communities/{community.public_id}/", "/m/me/record/", "/m/duty/"]

    wrong = walk(chromium, live_server, owner, console, {"desk": "light", "phone": "dark"})
    wrong += walk(chromium, live_server, phone, portal, {"phone": "light", "desk": "dark"})

    assert not wrong, "\n".join(wrong)


def _path(name: str) -> str:
    from django.urls import reverse

    return reverse(name)
