import re

import pytest
from django.contrib.auth.models import User

from chaguan.channels.models import Account
from chaguan.communities.actions.staff import ensure_defaults
from chaguan.communities.models import StaffPost, StaffRole
from chaguan.communities.testing import make_community, make_owner, make_staff, make_stranger
from chaguan.console.events import LoginSwitched, StaffInvited
from chaguan.console.testing import browser_of
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.ui.models import Preference

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _roles() -> None:
    ensure_defaults(Actor.system("tests"))


def invite(browser: object, **over: str) -> object:
    typed = {"login": "mei", "name": "小梅", "role": "data_analyst", "community": "", **over}
    return browser.post("/settings/staff/", typed)  # type: ignore[attr-defined] # a test client


def test_an_invitation_shows_its_link_once() -> None:
    community = make_community()
    browser = browser_of(make_owner())

    answer = invite(browser, community=str(community.pk))

    login = User.objects.get(username="mei")
    link = re.search(r"/start/[\w-]+/", answer.content.decode())  # type: ignore[attr-defined]
    assert link is not None
    assert "/start/" not in browser.get("/settings/staff/").content.decode()
    assert browser.get(link[0]).status_code == 200
    assert not login.has_usable_password()
    assert StaffPost.objects.filter(user=login).get().community == community
    assert recorded() == [StaffInvited(login.pk, is_new=True, community_id=community.pk)]


def test_a_name_that_is_taken_is_refused_and_nothing_is_made() -> None:
    browser = browser_of(make_owner())
    User.objects.create_user("mei")

    answer = invite(browser)

    assert answer.status_code == 422  # type: ignore[attr-defined] # a response
    assert not StaffPost.objects.exists()
    assert recorded() == []


def test_colleagues_are_shown_only_to_those_who_look_after_them() -> None:
    browser = browser_of(make_staff("community_manager"))

    assert browser.get("/settings/staff/").status_code == 403
    assert invite(browser).status_code == 403  # type: ignore[attr-defined] # a response
    assert not User.objects.filter(username="mei").exists()


def test_nobody_closes_her_own_door_but_another_ones() -> None:
    owner, other = make_owner(), make_stranger()
    browser = browser_of(owner)

    own = browser.post(f"/settings/staff/{owner.user_id}/", {"step": "close"})
    browser.post(f"/settings/staff/{other.user_id}/", {"step": "close"})

    assert own.status_code == 422
    assert dict(User.objects.values_list("pk", "is_active")) == {
        owner.user_id: True,
        other.user_id: False,
    }
    assert recorded() == [LoginSwitched(other.user_id or 0, is_open=False)]


@pytest.mark.req("TEAM-01")
def test_each_roles_rights_stand_on_one_page_and_an_analyst_reads_reports_only() -> None:
    owner, analyst = browser_of(make_owner()), browser_of(make_staff("data_analyst"))

    page = owner.get("/settings/roles/")

    assert [sheet.code for sheet in page.context["sheets"]] == [
        "planning_lead",
        "content_editor",
        "community_manager",
        "data_analyst",
        "service_specialist",
        "operations_assistant",
    ]
    shown = {
        name
        for _words, cells in page.context["rows"]
        for name, _role, given, _new in cells
        if given
    }
    assert {name for name in shown if name.startswith("data_analyst:")} == {
        "data_analyst:view_community",
        "data_analyst:view_members",
        "data_analyst:view_reports",
    }
    assert analyst.get("/insights/").status_code == 200
    assert "data_analyst:admit_members" not in shown


def test_rights_are_saved_as_ticked() -> None:
    browser = browser_of(make_owner())
    before = dict(StaffRole.objects.values_list("code", "rights"))
    ticked = [f"{code}:{right}" for code, rights in before.items() for right in rights]

    browser.post("/settings/roles/", {"right": [*ticked, "data_analyst:import"]})

    after = dict(StaffRole.objects.values_list("code", "rights"))
    assert after == {**before, "data_analyst": sorted([*before["data_analyst"], "import"])}


def test_rights_are_not_changed_by_who_may_only_look() -> None:
    browser = browser_of(make_staff("planning_lead"))
    before = list(StaffRole.objects.values_list("code", "rights"))

    assert browser.get("/settings/roles/").status_code == 200
    assert browser.post("/settings/roles/", {"right": []}).status_code == 403
    assert list(StaffRole.objects.values_list("code", "rights")) == before


def test_an_account_is_added_stopped_and_started() -> None:
    browser = browser_of(make_owner())

    browser.post("/settings/channels/", {"connector": "manual", "label": "老板的微信"})
    account = Account.objects.get()
    browser.post(f"/settings/channels/{account.pk}/", {"switch": "off"})
    account.refresh_from_db()

    assert (account.connector, account.is_active) == ("manual", False)


def test_the_log_names_who_did_what() -> None:
    owner = make_owner()
    browser = browser_of(owner)
    invite(browser)

    entries = browser.get("/settings/log/").context["entries"]

    name = User.objects.get(pk=owner.user_id or 0).username
    assert [(who, row.name) for row, who, _what, _where in entries] == [
        (name, "console.staff_invited")
    ]
    assert browser_of(make_stranger()).get("/settings/log/").status_code == 403


def test_the_theme_is_kept_with_the_person_and_in_the_browser() -> None:
    owner = make_owner()
    browser = browser_of(owner)

    answer = browser.post("/preferences/", {"theme": "dark", "next": "/outbox/"})
    browser.post("/preferences/", {"theme": "pink"})

    assert answer["Location"] == "/outbox/"
    assert 'data-bs-theme="dark"' in browser.get("/").content.decode()
    assert Preference.objects.get().theme == "dark"


def test_the_language_switch_changes_the_next_page() -> None:
    browser = browser_of(make_owner())

    browser.post("/language/", {"language": "en"})
    english = browser.get("/settings/").content.decode()
    browser.post("/language/", {"language": "zh-hans"})
    chinese = browser.get("/settings/").content.decode()

    assert '<html lang="en"' in english
    assert '<html lang="zh-hans"' in chinese
