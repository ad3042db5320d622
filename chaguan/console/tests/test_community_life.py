"""Making a community, opening and closing it, its rooms and rules, through the screens."""

from urllib.parse import unquote

import pytest
from django.test import Client

from chaguan.communities.errors import NameTaken
from chaguan.communities.models import Community, Room
from chaguan.communities.testing import make_community, make_owner, make_staff
from chaguan.communities.types import CommunityType
from chaguan.console.testing import browser_of
from chaguan.eventlog.testing import recorded

pytestmark = pytest.mark.django_db


def charter_of(browser: Client, kind: str) -> dict[str, object]:
    """What the wizard fills in for a type."""
    form = browser.get("/communities/new/", {"type": kind}).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


@pytest.mark.req("TYPE-01")
@pytest.mark.parametrize("kind", list(CommunityType))
def test_each_type_fills_in_purpose_lifetime_intensity_actions_metrics_and_playbooks(
    kind: CommunityType,
) -> None:
    browser = browser_of(make_owner())
    filled = charter_of(browser, kind.value)

    answer = browser.post(
        f"/communities/new/?type={kind.value}", {**filled, "name": "新社群", "is_screened": ""}
    )

    made = Community.objects.get()
    assert unquote(answer["Location"]) == f"/communities/{made.slug}/settings/"
    assert (made.type, made.phase, made.purpose) == (kind.value, "draft", filled["purpose"])
    assert made.purpose
    assert set(made.settings) >= {"lifetime_hours", "intensity", "allowed", "metrics", "playbooks"}
    assert made.settings["metrics"]


def test_a_name_that_is_taken_keeps_what_was_typed() -> None:
    make_community(name="老茶客")
    browser = browser_of(make_owner())
    typed = {**charter_of(browser, "camp"), "name": "老茶客", "purpose": "一起学"}

    answer = browser.post("/communities/new/?type=camp", typed)

    assert answer.status_code == NameTaken.http_status
    assert answer.context["refusal"] == NameTaken.message
    assert answer.context["form"]["purpose"].value() == "一起学"
    assert Community.objects.count() == 1


def test_who_may_not_make_communities_is_told_who_can_help() -> None:
    browser = browser_of(make_staff("data_analyst"))

    assert browser.get("/communities/new/").status_code == 403
    assert browser.post("/communities/new/?type=camp", {"name": "甲"}).status_code == 403
    assert not Community.objects.exists()


@pytest.mark.req("GOAL-01")
def test_a_draft_opens_only_with_a_whole_charter() -> None:
    community = make_community(phase="draft", opened_at=None, audience="")
    browser = browser_of(make_owner())
    url = f"/communities/{community.slug}/"

    page = browser.get(f"{url}settings/")
    refused = browser.post(f"{url}phase/", {"to": "running"})
    community.refresh_from_db()
    still = community.phase
    Community.objects.update(audience="新茶友")
    browser.post(f"{url}phase/", {"to": "running"})
    community.refresh_from_db()

    assert [line.code for line in page.context["opening"] if not line.is_done] == ["audience"]
    assert (refused.status_code, still) == (409, "draft")
    assert refused.context["phase_refusal"]
    assert community.phase == "running"
    assert community.opened_at is not None


def test_closing_walks_the_list() -> None:
    community = make_community()
    browser = browser_of(make_owner())
    url = f"/communities/{community.slug}/"

    browser.post(f"{url}phase/", {"to": "closing"})
    too_early = browser.post(f"{url}phase/", {"to": "closed"})
    for line in browser.get(f"{url}settings/").context["closing"]:
        browser.post(f"{url}phase/", {"item": line.code})
    browser.post(f"{url}phase/", {"to": "closed"})

    community.refresh_from_db()
    assert too_early.status_code == 409
    assert community.phase == "closed"


def test_the_charter_is_changed_by_who_may_and_only_read_by_others() -> None:
    community = make_community()
    url = f"/communities/{community.slug}/settings/"
    form = browser_of(make_owner()).get(url).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    typed |= {
        "host_name": "林老师",
        "quiet_from": "23:00",
        "quiet_until": "08:00",
        "is_screened": "",
    }
    analyst = browser_of(make_staff("data_analyst"))

    refused = analyst.post(url, typed)
    community.refresh_from_db()
    before = (refused.status_code, community.host_name, recorded())
    browser_of(make_owner()).post(url, typed)

    community.refresh_from_db()
    assert before == (403, "", [])
    assert community.host_name == "林老师"
    assert community.settings["quiet_hours"] == ["23:00", "08:00"]


def test_a_room_is_opened_on_our_own_pages() -> None:
    community = make_community()
    browser = browser_of(make_owner())

    browser.post(f"/communities/{community.slug}/rooms/", {"name": "茶室"})

    room = Room.objects.get()
    assert (room.name, room.connector, room.community_id) == ("茶室", "portal", community.pk)


def test_rules_are_one_a_line() -> None:
    community = make_community(settings={"intensity": "light"})
    browser = browser_of(make_owner())
    url = f"/communities/{community.slug}/rules/"

    browser.post(url, {"rules": "不发广告\n\n  有话好好说 "})

    community.refresh_from_db()
    assert community.settings == {"intensity": "light", "rules": ["不发广告", "有话好好说"]}
    assert browser_of(make_staff("data_analyst")).post(url, {"rules": ""}).status_code == 403
