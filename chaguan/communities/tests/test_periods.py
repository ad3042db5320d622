from datetime import timedelta

import pytest

from chaguan.communities.actions.periods import (
    decide_period,
    set_period,
    tick_period_item,
)
from chaguan.communities.errors import NotThatWay
from chaguan.communities.events import PeriodChanged, PeriodDeclined, PeriodProposed
from chaguan.communities.models import Community, PeriodProposal, PeriodTick
from chaguan.communities.period_plan import next_period, period_plans
from chaguan.communities.selectors.periods import period_sheet, recommended_playbooks
from chaguan.communities.selectors.warnings import warnings_for
from chaguan.communities.testing import make_community, make_owner, make_staff, make_stranger
from chaguan.communities.ticks import propose_next_periods
from chaguan.communities.types import Period
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
MONTH = EPOCH + timedelta(days=30)


def proposals() -> list[tuple[str, str]]:
    return list(PeriodProposal.objects.order_by("pk").values_list("to", "state"))


def test_each_period_has_items_and_playbooks_and_one_follows_the_other() -> None:
    plans = period_plans()
    assert [next_period(p) for p in Period] == [Period.MIDDLE, Period.LATE, None]
    assert [plans[p].after.days for p in Period] == [0, 30, 90]
    assert [plans[p].playbooks[0] for p in Period] == ["phase_early", "phase_middle", "phase_late"]
    codes = [item.code for plan in plans.values() for item in plan.items]
    assert len(set(codes)) == len(codes) == 14
    assert all(set(t.words) == {"zh", "en"} for plan in plans.values() for t in plan.items)


def test_the_clock_proposes_middle_after_a_month_and_late_after_three_once_each() -> None:
    owner = make_owner()
    community = make_community(type="loyal_fan", is_screened=True, settings={"playbooks": ["x"]})
    make_community(phase="closed")
    make_community(phase="draft", opened_at=None)
    assert propose_next_periods(MONTH - timedelta(seconds=1)) == 0
    assert recommended_playbooks(community) == ["phase_early", "daily_routine", "x"]

    assert propose_next_periods(MONTH) == 1
    assert propose_next_periods(MONTH + timedelta(days=40)) == 0

    assert recorded(PeriodProposed.name) == [PeriodProposed(community.pk, "middle")]
    sheet = period_sheet(community)
    assert (sheet.period, sheet.proposed, sheet.proposed_at) == ("early", "middle", MONTH)
    assert len(sheet.new_items) == 5
    (warning,) = warnings_for(owner, MONTH)
    assert (warning.code, warning.community_id) == ("period", community.pk)
    assert all(item in str(warning.sentence) for item in sheet.new_items)
    assert warnings_for(make_stranger(), MONTH) == []

    decide_period(owner, community.pk, is_accepted=True, now=MONTH)
    community.refresh_from_db()
    assert (community.period, community.period_since) == ("middle", MONTH)
    assert recommended_playbooks(community) == ["phase_middle", "weekly_routine", "x"]
    assert recorded(PeriodChanged.name) == [PeriodChanged(community.pk, "early", "middle")]
    assert period_sheet(community).proposed is None
    assert propose_next_periods(EPOCH + timedelta(days=89)) == 0
    assert propose_next_periods(EPOCH + timedelta(days=90)) == 1
    assert proposals() == [("middle", "accepted"), ("late", "open")]


def test_declining_wants_a_reason_and_the_clock_asks_again_in_two_weeks() -> None:
    owner, community = make_owner(), make_community()
    propose_next_periods(MONTH)
    with pytest.raises(Invalid):
        decide_period(owner, community.pk, is_accepted=False, reason=" ", now=MONTH)
    assert proposals() == [("middle", "open")]

    decide_period(owner, community.pk, is_accepted=False, reason="春节后再说", now=MONTH)

    assert recorded(PeriodDeclined.name) == [PeriodDeclined(community.pk, "middle", "春节后再说")]
    assert Community.objects.get().period == "early"
    with pytest.raises(Missing):
        decide_period(owner, community.pk, is_accepted=True, now=MONTH)
    assert propose_next_periods(MONTH + timedelta(days=13)) == 0
    assert propose_next_periods(MONTH + timedelta(days=14)) == 1
    assert proposals() == [("middle", "declined"), ("middle", "open")]


def test_a_person_may_switch_by_herself_and_the_clock_leaves_it_for_a_while() -> None:
    owner, community = make_owner(), make_community()
    propose_next_periods(MONTH)
    set_period(owner, community.pk, "late", reason="已经很稳", now=MONTH)
    with pytest.raises(NotThatWay):
        set_period(owner, community.pk, "late", reason="再来", now=MONTH)
    with pytest.raises(Invalid):
        set_period(owner, community.pk, "early", reason="", now=MONTH)
    set_period(owner, community.pk, "early", reason="换了一批人", now=MONTH)

    assert Community.objects.get().period == "early"
    assert propose_next_periods(MONTH + timedelta(days=1)) == 0
    assert propose_next_periods(MONTH + timedelta(days=14)) == 1


def test_items_are_ticked_and_unticked_by_those_who_may() -> None:
    owner, community = make_owner(), make_community()
    for item in ("early_needs", "early_needs"):
        tick_period_item(owner, community.pk, item, is_done=True, now=MONTH)
    done = {item.code: item.done_at for item in period_sheet(community).items}
    assert (done["early_needs"], done["early_brainstorm"]) == (MONTH, None)
    tick_period_item(owner, community.pk, "early_needs", is_done=False, now=MONTH)
    assert not PeriodTick.objects.exists()

    propose_next_periods(MONTH)
    analyst = make_staff("data_analyst")
    with pytest.raises(Invalid):
        tick_period_item(owner, community.pk, "nonsense", is_done=True, now=MONTH)
    with pytest.raises(Refused):
        tick_period_item(analyst, community.pk, "early_needs", is_done=True, now=MONTH)
    with pytest.raises(Refused):
        decide_period(analyst, community.pk, is_accepted=True, now=MONTH)
    with pytest.raises(Refused):
        set_period(analyst, community.pk, "late", reason="x", now=MONTH)
    assert proposals() == [("middle", "open")]
    assert not PeriodTick.objects.exists()
