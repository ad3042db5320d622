"""Periods on Today and on the community's page, a camp's board, and activation on its page."""

import re
from datetime import timedelta

import pytest

from chaguan.communities.models import Community
from chaguan.communities.selectors.activation import activation_sheet
from chaguan.communities.selectors.camp_board import camp_board
from chaguan.communities.selectors.periods import new_items, recommended_playbooks
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_staff,
    make_stranger,
)
from chaguan.communities.ticks import propose_next_periods
from chaguan.communities.types import Period
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.people.actions.orders import report_usage
from chaguan.people.actions.stages import override_stage
from chaguan.people.testing import EPOCH
from chaguan.playbooks.testing import make_edition, make_step
from tests.flows.house import logged_in

pytestmark = pytest.mark.django_db
MONTH = EPOCH + timedelta(days=30, minutes=1)


@pytest.mark.req("GOAL-10")
def test_past_one_month_the_system_proposes_middle_with_its_tasks_and_a_person_decides() -> None:
    community = make_community(type="loyal_fan", is_screened=True)
    for key, title in (("phase_early", "初期"), ("phase_middle", "中期安排")):
        make_edition(make_step(), key=key, title=title)
    owner, analyst = logged_in(make_owner()), logged_in(make_staff("data_analyst", community))
    page = f"/communities/{community.slug}/period/"
    with clock.moved_to(EPOCH + timedelta(days=29)):
        propose_next_periods(clock.now())
        assert str(new_items(Period.MIDDLE)[0]) not in owner.get("/").content.decode()

    with clock.moved_to(MONTH):
        propose_next_periods(clock.now())
        today, sheet = owner.get("/").content.decode(), owner.get(page).content.decode()
        assert page in today
        for task in new_items(Period.MIDDLE):
            assert task in today
            assert task in sheet
        for task in new_items(Period.EARLY):
            assert task in sheet  # the list of its own period
        assert "/playbooks/phase_early/start/" in sheet
        assert "/playbooks/phase_middle/start/" not in sheet

        assert analyst.post(page, {"step": "accept"}).status_code == 403
        refused = owner.post(page, {"step": "decline", "reason": " "})
        assert refused.status_code == 422
        assert owner.post(page, {"step": "decline", "reason": "刚换主理人"}).status_code == 302
        assert new_items(Period.MIDDLE)[0] not in owner.get("/").content.decode()
    assert Community.objects.get().period == "early"

    with clock.moved_to(MONTH + timedelta(days=14)):
        propose_next_periods(clock.now())
        assert owner.post(page, {"step": "accept"}).status_code == 302
        sheet = owner.get(page).content.decode()
        assert all(task in sheet for task in new_items(Period.MIDDLE))
        assert not any(task in sheet for task in new_items(Period.EARLY))
        assert "/playbooks/phase_middle/start/" in sheet
        assert "/playbooks/phase_early/start/" not in sheet
        assert owner.post(page, {"step": "tick", "item": "middle_rules"}).status_code == 302
        assert owner.get(page).content.decode().count('value="untick"') == 1
    changed = Community.objects.get()
    assert changed.period == "middle"
    assert recommended_playbooks(changed)[0] == "phase_middle"


@pytest.mark.req("LAYER-05")
def test_a_camps_board_shows_members_in_the_row_that_their_stage_implies() -> None:
    owner = make_owner()
    camp = make_community(type="camp")
    stages = {
        "甲": "unaware",
        "乙": "curious",
        "丙": "acquainted",
        "丁": "informed",
        "戊": "familiar",
        "己": "bought",
        "庚": "bought_again",
    }
    people = {name: make_member(camp, name=name, stage=stage) for name, stage in stages.items()}
    make_member(camp, name="机器人", stage="informed", is_bot=True)
    make_member(make_community(type="camp"), name="别营", stage="informed")
    browser, path = logged_in(owner), f"/communities/{camp.slug}/board/"

    def rows() -> list[list[str]]:
        parts = browser.get(path).content.decode().split('class="panel camp-board__row"')[1:]
        return [
            sorted(re.findall(r'camp-board__person".*?</span><span>([^<]+)<small', part))
            for part in parts
        ]

    assert rows() == [sorted("甲乙丙"), ["丁"], sorted("戊己庚")]
    override_stage(owner, people["甲"].pk, "informed", reason="来听了课", now=EPOCH)
    assert rows() == [sorted("乙丙"), sorted("甲丁"), sorted("戊己庚")]

    assert (
        f"/communities/{camp.slug}/board/"
        in browser.get(f"/communities/{camp.slug}/playbooks/").content.decode()
    )
    other = make_community(type="newcomer")
    assert "/board/" not in browser.get(f"/communities/{other.slug}/playbooks/").content.decode()
    editor = make_staff("content_editor", camp)  # may not see members
    assert logged_in(editor).get(path).status_code == 404
    assert [row.members for row in camp_board(make_stranger(), camp.pk)] == [0, 0, 0]


@pytest.mark.req("NEW-03")
def test_the_page_of_activation_follows_usage_and_the_acts_that_are_chosen() -> None:
    community = make_community(type="newcomer")
    people = [make_member(community, name=name) for name in ("阿青", "小满")]
    lead = logged_in(make_staff("community_manager", community))
    path = f"/communities/{community.slug}/activation/"
    assert '<p class="stat__value">0%</p>' in lead.get(path).content.decode()

    report_usage(Actor.system(), people[0].pk, "记一泡茶", now=EPOCH + timedelta(hours=3))
    drain()
    assert '<p class="stat__value">50%</p>' in lead.get(path).content.decode()

    wanted = {"fact-0": "people.product_used", "what-0": "记一泡", "times-0": "2"}
    blank = {"times-1": "1", "times-2": "1", "step": "save"}
    assert lead.post(path, wanted | blank).status_code == 302
    assert '<p class="stat__value">0%</p>' in lead.get(path).content.decode()
    assert lead.post(path, wanted | blank | {"times-0": "0"}).status_code == 422
    report_usage(Actor.system(), people[0].pk, "又记一泡", now=EPOCH + timedelta(hours=9))
    drain()
    sheet = activation_sheet(community.pk)
    assert (sheet.share, sheet.median_s) == (0.5, 9 * 3600)
    assert lead.post(path, blank | {"step": "as_the_house", "times-0": "1"}).status_code == 302
    assert activation_sheet(community.pk).median_s == 3 * 3600
