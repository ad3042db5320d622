"""Four coarse tiers over the seven stages: named by the house, one for each stage."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Invalid, Refused
from chaguan.people.actions.tiers import set_tiers
from chaguan.people.contract import Asking
from chaguan.people.models import StageTier, TierName
from chaguan.people.selectors.segments import members_matching
from chaguan.people.selectors.tiers import funnel_by_tier, tier_of_stages, tiers
from chaguan.people.testing import EPOCH
from chaguan.people.types import RelationStage
from tests.flows.house import logged_in

pytestmark = pytest.mark.django_db
NOW = EPOCH + timedelta(days=1)


@pytest.mark.req("LAYER-04")
def test_tiers_are_renamed_each_stage_has_one_and_reports_group_by_either() -> None:
    owner, community = make_owner(), make_community()
    for stage in ("unaware", "acquainted", "informed", "familiar", "bought"):
        make_member(community, stage=stage)
    make_member(community, stage="bought", is_bot=True)
    assert [(step.tier.code.value, step.members) for step in funnel_by_tier(owner)] == [
        ("public_traffic", 1),
        ("new_user", 1),
        ("prospect", 2),
        ("paying_user", 1),
    ]

    set_tiers(owner, names={"prospect": "意向客"}, stages={"informed": "new_user"}, now=NOW)

    assert [str(tier.name) for tier in tiers()][2] == "意向客"
    assert [step.members for step in funnel_by_tier(owner)] == [1, 2, 1, 1]
    # Each stage has exactly one tier, and the database holds it.
    assert set(tier_of_stages()) == set(RelationStage)
    stages = [stage for tier in tiers() for stage in tier.stages]
    assert sorted(stages) == sorted(RelationStage)
    for bad in ({"stage": "informed", "tier": "prospect"}, {"stage": "curious", "tier": "fifth"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StageTier.objects.create(**bad, by="x", at=NOW)

    browser = logged_in(owner)
    by_stage = browser.get("/members/stages/").content.decode()
    by_tier = browser.get("/members/stages/?by=tier").content.decode()
    assert by_stage.count('class="funnel__step"') == 7
    assert by_tier.count('class="funnel__step"') == 4
    assert "意向客" in by_tier
    table = browser.get("/members/stages/csv/?by=tier").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in table[1:]] == ["1", "2", "1", "1"]
    table = browser.get("/members/stages/csv/").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in table[1:]] == ["1", "0", "1", "1", "1", "1", "0"]
    asked = {"condition": "tier", "tiers": ["new_user"]}
    found = members_matching(asked, Asking(NOW)).values_list("stage", flat=True)
    assert sorted(found) == ["acquainted", "informed"]


def test_a_tier_is_refused_whole_and_only_who_sets_rules_may() -> None:
    owner, lead = make_owner(), make_staff("community_manager")
    with pytest.raises(Refused):
        set_tiers(lead, names={"prospect": "x"}, stages={}, now=NOW)
    for names, stages in (
        ({"fifth": "x"}, {}),
        ({}, {"informed": "fifth"}),
        ({}, {"married": "prospect"}),
        ({"prospect": "客", "new_user": " 客 "}, {}),
    ):
        with pytest.raises(Invalid):
            set_tiers(owner, names=names, stages=stages, now=NOW)
    assert not TierName.objects.exists()
    assert not StageTier.objects.exists()
    assert recorded() == []
