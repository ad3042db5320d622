"""The funnel page counts people per stage and opens them."""

import re

import pytest
from django.urls import reverse

from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.people.words import STAGE_LABELS
from tests.flows.house import logged_in

pytestmark = pytest.mark.django_db


@pytest.mark.req("LAYER-01")
def test_funnel_page_counts_people_per_stage_and_opens_them() -> None:
    here, there = make_community(), make_community()
    for name in ("甲", "乙", "丙"):
        make_member(here, name=name, stage="bought")
    make_member(there, name="丁", stage="curious")
    make_member(here, name="机器人", stage="bought", is_bot=True)
    owner, lead = logged_in(make_owner()), logged_in(make_staff("community_manager", here))

    page = owner.get(reverse("console:stages")).content.decode()
    counts = re.findall(r'funnel__value">(\d+)<', page)
    people = owner.get(re.findall(r'href="(/members/\?[^"]+)"', page)[5].replace("&amp;", "&"))

    assert counts == ["0", "1", "0", "0", "0", "3", "0"]
    assert all(str(label) in page for label in STAGE_LABELS.values())
    shown = people.content.decode()
    assert all(name in shown for name in ("甲", "乙", "丙"))
    assert "机器人" not in re.sub(r"<(option|label|form)[\s\S]*?</\1>", "", shown)
    seen_by_lead = lead.get(reverse("console:stages")).content.decode()
    assert re.findall(r'funnel__value">(\d+)<', seen_by_lead) == ["0", "0", "0", "0", "0", "3", "0"]
