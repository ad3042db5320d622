from datetime import datetime, timedelta

import pytest

from chaguan.communities.actions.activation import set_activation_goal
from chaguan.communities.activation import Act
from chaguan.communities.events import ActivationGoalChanged, MemberActivated
from chaguan.communities.models import Activation, ActivationGoal
from chaguan.communities.selectors.activation import (
    activated_in,
    activation_sheet,
    not_yet_in,
)
from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.people.actions.orders import confirm_order, report_usage
from chaguan.people.contract import Asking
from chaguan.people.selectors.segments import members_matching
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


def at(hours: float) -> datetime:
    return EPOCH + timedelta(hours=hours)


@pytest.mark.req("NEW-03")
def test_usage_events_mark_people_as_activated_and_the_rate_and_time_change() -> None:
    owner = make_owner()
    community, other = make_community(), make_community()
    people = [make_member(community) for _ in range(4)]
    make_member(community, is_bot=True)
    stranger = make_member(other)
    before = activation_sheet(community.pk)
    assert (before.people, before.activated, before.share, before.median_s) == (4, 0, 0.0, None)

    report_usage(SYSTEM, people[0].pk, "记一泡茶", now=at(2))
    report_usage(SYSTEM, people[1].pk, "记一泡茶", now=at(6))
    report_usage(SYSTEM, people[1].pk, "又记一泡", now=at(9))
    report_usage(SYSTEM, people[2].pk, "进群前试过", now=at(-1))
    drain()

    sheet = activation_sheet(community.pk)
    assert (sheet.people, sheet.activated, sheet.share, sheet.median_s) == (4, 2, 0.5, 4 * 3600)
    assert recorded(MemberActivated.name) == [
        MemberActivated(community.pk, people[0].pk, 2 * 3600),
        MemberActivated(community.pk, people[1].pk, 6 * 3600),
    ]
    assert [one.member_id for one in activated_in(owner, community.pk)] == [
        people[1].pk,
        people[0].pk,
    ]
    assert {one.member_id for one in not_yet_in(owner, community.pk)} == {
        people[2].pk,
        people[3].pk,
    }
    asked = {"condition": "activated", "community": str(community.pk)}
    found = members_matching(asked, Asking(at(10))).values_list("pk", flat=True)
    assert set(found) == {people[0].pk, people[1].pk}

    # The acts are what the house says they are: now two notes of a brew, or an order.
    acts = [Act("people.product_used", "记一泡茶", 2), Act("people.order_confirmed")]
    set_activation_goal(owner, community.pk, acts, now=at(10))
    assert activation_sheet(community.pk).activated == 0
    report_usage(SYSTEM, people[1].pk, "再记一泡茶", now=at(12))
    confirm_order(SYSTEM, people[3].pk, "o1", now=at(20))
    report_usage(SYSTEM, stranger.pk, "试用", now=at(3))
    drain()
    sheet = activation_sheet(community.pk)
    assert (sheet.activated, sheet.median_s, sheet.is_own) == (2, 16 * 3600, True)
    assert activation_sheet(other.pk).share == 1.0


def test_history_and_twice_the_same_count_once_and_bots_never() -> None:
    community = make_community()
    member, bot = make_member(community), make_member(community, is_bot=True)
    for reference in ("a", "a", "b"):
        report_usage(SYSTEM, member.pk, "试用", now=at(1), reference=reference)
    report_usage(SYSTEM, bot.pk, "试用", now=at(1))
    report_usage(SYSTEM, member.pk, "试用", now=at(2), community_id=make_community().pk)
    drain()
    assert Activation.objects.get().member_id == member.pk
    assert len(recorded(MemberActivated.name)) == 1


def test_a_goal_for_the_house_holds_where_nothing_else_is_said() -> None:
    owner = make_owner()
    plain, special = make_community(), make_community()
    people = {c.pk: make_member(c) for c in (plain, special)}
    set_activation_goal(owner, special.pk, [Act("people.product_used", times=2)], now=at(0))
    for member in people.values():
        report_usage(SYSTEM, member.pk, "试用", now=at(1))
    drain()
    assert [activation_sheet(pk).activated for pk in people] == [1, 0]

    set_activation_goal(owner, None, [Act("people.order_confirmed")], now=at(2))
    assert [activation_sheet(pk).activated for pk in people] == [0, 0]
    set_activation_goal(owner, special.pk, [], now=at(2))
    set_activation_goal(owner, None, [], now=at(3))
    assert [activation_sheet(pk).activated for pk in people] == [1, 1]
    assert not ActivationGoal.objects.exists()


def test_a_goal_is_refused_whole() -> None:
    community = make_community()
    lead, analyst = make_staff("community_manager", community), make_staff("data_analyst")
    usage = [Act("people.product_used")]
    with pytest.raises(Refused):
        set_activation_goal(analyst, community.pk, usage, now=at(0))
    with pytest.raises(Refused):
        set_activation_goal(lead, None, usage, now=at(0))
    for act in (
        Act("people.married"),
        Act("people.product_used", times=0),
        Act("communities.community_changed"),
    ):
        with pytest.raises(Invalid):
            set_activation_goal(lead, community.pk, [act], now=at(0))
    assert not ActivationGoal.objects.exists()
    assert recorded(ActivationGoalChanged.name) == []
